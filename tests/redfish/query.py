"""Query parameters: $expand exactly as the root offers it, paging, $select, only."""
import re

import messages
from wire import Response

BUDGET = 20000  # expanded resources in one answer


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.answer = Response(status, messages.unsupported_query(text))


def parse_expand(text, keys):
    """(which, levels), or Refused."""
    refusal = int(keys["expand.refusal"])
    match = re.fullmatch(r"([*.~])(?:\(\$levels=(\d+)\))?", text)
    if not match:
        raise Refused(400, f"$expand={text}")
    which, levels = match[1], int(match[2] or 1)
    offer = {"*": "expand.all", ".": "expand.nolinks", "~": "expand.links"}[which]
    offered = keys.on("expand") and keys.on(offer) and not keys.on("expand.lies")
    if not offered or (match[2] and not keys.on("expand.levels")) or not 1 <= levels <= keys["expand.max"]:
        raise Refused(refusal, f"$expand={text}")
    return which, levels


def expand(document, which, levels, find):
    """The document with what its links lead to, some levels deep."""
    left = [BUDGET]

    def walk(value, in_links, levels, above):
        if isinstance(value, list):
            return [walk(one, in_links, levels, above) for one in value]
        if not isinstance(value, dict):
            return value
        if list(value) == ["@odata.id"]:
            wanted = which == "*" or (which == "~") == in_links
            target = find(value["@odata.id"]) if wanted and left[0] else None
            if target is None or value["@odata.id"] in above:
                return value
            left[0] -= 1
            return inside(target, levels - 1, above)
        return {name: walk(one, in_links or name == "Links", levels, above) for name, one in value.items()}

    def inside(resource, levels, above):
        if levels == 0:
            return resource
        above = above | {resource.get("@odata.id")}
        return {name: walk(one, name == "Links", levels, above) for name, one in resource.items()}

    return inside(document, levels, frozenset())


def shape(document, request, keys, find):
    """What a GET with this query answers."""
    query = dict(request.query)
    numbers = {}
    for name in ("$top", "$skip"):
        if name in query:
            if not query[name].isdigit():
                raise Refused(400, f"{name}={query[name]}")
            numbers[name] = int(query[name])
    for name in query:
        if name.startswith("$") and name not in ("$expand", "$select", "$top", "$skip"):
            raise Refused(501, name)
    how = parse_expand(query["$expand"], keys) if "$expand" in query else None
    if "Members" in document:
        if "only" in query and len(document["Members"]) == 1:
            document = find(document["Members"][0]["@odata.id"])
        else:
            document = page(document, request, keys, numbers)
    if how:
        document = expand(document, *how, find)
    if "$select" in query:
        names = query["$select"].split(",")
        document = {name: value for name, value in document.items() if name in names or name.startswith("@odata.")}
    return document


def page(document, request, keys, numbers):
    """Some of the members; the count stays that of all."""
    skip, size = numbers.get("$skip", 0), numbers.get("$top", 0)
    limit = keys["page"]
    if "$top" in numbers and limit:
        size = min(size, limit)
    elif "$top" not in numbers:
        size = limit or len(document["Members"])
    members = document["Members"][skip:skip + size]
    document = {**document, "Members": members}
    if size and skip + size < document.get("Members@odata.count", 0):
        rest = [f"$skip={skip + size}"]
        words = request.target.partition("?")[2].split("&")
        rest += [word for word in words if word and not word.startswith(("$skip", "%24skip"))]
        document["Members@odata.nextLink"] = f"{document['@odata.id']}?{'&'.join(rest)}"
    return document
