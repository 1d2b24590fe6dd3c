"""A request as it came, an answer as it will go."""
import dataclasses
import json
import urllib.parse


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: dict  # names in lower case
    body: bytes
    peer: str
    door: str
    auth: str = "none"

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        """[(name, value)], unescaped; '+' is no space here."""
        words = [word.partition("=") for word in self.target.partition("?")[2].split("&") if word]
        return [(urllib.parse.unquote(name), urllib.parse.unquote(value)) for name, _, value in words]


@dataclasses.dataclass
class Response:
    status: int
    document: object = None
    headers: list = dataclasses.field(default_factory=list)
    body: bytes = None
    content_type: str = None
    fault: object = None

    def bytes(self):
        if self.body is None:
            self.body = b"" if self.document is None else json.dumps(self.document).encode()
        return self.body

    def header(self, name, value):
        """Set a header; None removes it."""
        self.headers = [(one, old) for one, old in self.headers if one.lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))
        return self
