"""What an answer is worth: whether it is a host's report that hostprep-report will take."""
import json


def report_of(stdout, rc, policy_sha256):
    """The report, or None. Some commands end with 0 whatever the report says (govc)."""
    try:
        report = json.loads(bytes(stdout))
        version, code = report["schema_version"], report["exit_code"]
        good = (report["schema"] == "hostprep.host" and version.split(".")[0] == "1" and isinstance(code, int)
                and rc in (0, code) and bool(report["findings"] or report["errors"])
                and (policy_sha256 is None or report["verdict"] == "error" or report["policy"]["sha256"] == policy_sha256))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return report if good else None
