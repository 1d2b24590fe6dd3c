"""Bodies of errors, as services send them (texts: facts from public issues and real devices)."""

SEVERITY = {"AccessDenied": "Critical", "Success": "OK", "Created": "OK"}


def message(message_id, text, args=(), resolution="None."):
    return {"@odata.type": "#Message.v1_1_0.Message", "Message": text, "MessageArgs": list(args),
            "MessageArgs@odata.count": len(args), "MessageId": message_id, "RelatedProperties": [],
            "RelatedProperties@odata.count": 0, "Resolution": resolution,
            "Severity": SEVERITY.get(message_id.rsplit(".", 1)[-1], "Warning")}


def error(*messages):
    return {"error": {"@Message.ExtendedInfo": list(messages), "code": "Base.1.12.GeneralError",
                      "message": "A general error has occurred. See ExtendedInfo for more information"}}


def denied():
    return error(message("Base.1.12.AccessDenied",
                         "The authentication credentials included with this request are missing or invalid.",
                         resolution="Attempt to ensure that the URI is correct and that the service has the "
                         "appropriate credentials."))


def no_session_left():
    return error(message("IDRAC.2.8.RAC0218", "The maximum number of user sessions is reached.",
                         resolution="Close one or more sessions before opening another session."))


def not_found():
    return error(message("IDRAC.2.8.SYS403", "Unable to complete the operation because the resource is not found."))


def unavailable(seconds):
    return error(message("Base.1.12.ServiceTemporarilyUnavailable",
                         f"The service is temporarily unavailable.  Retry in {seconds} seconds.", [str(seconds)]))


def no_data(seconds):
    return error(message("IDRAC.2.8.SYS518",
                         "iDRAC is currently unable to display any information because data sources "
                         "are unavailable."), *unavailable(seconds)["error"]["@Message.ExtendedInfo"])


def not_ready():
    return error(message("IDRAC.2.8.SWC0700", "iDRAC is not ready. The configuration values cannot be accessed. Please "
                         "retry after a few minutes."))


def change_password():
    return error(message("Base.1.12.PasswordChangeRequired", "The password provided for this account must be changed "
                         "before access is granted."),
                 message("IDRAC.2.8.SWC1908",
                         "Unable to complete the operation because the default password is still in "
                         "use and must be changed."))


def internal():
    return error(message("Base.1.12.InternalError",
                         "The request failed due to an internal service error. The service is "
                         "still operational."), message("IDRAC.2.8.SYS446", "An internal error occurred."))


def unexpected():
    return error(message("IDRAC.2.8.RAC0508", "An unexpected error occurred."))


def unsupported_query(text):
    return error(message("Base.1.12.QueryNotSupportedOnResource", "Querying is not supported on the requested "
                         f"resource: {text}", [text]))


def not_allowed():
    return error(message("Base.1.12.OperationNotAllowed", "The HTTP method is not allowed on this resource."))


def malformed():
    return error(message("Base.1.12.MalformedJSON", "The request body submitted was malformed JSON and could not be "
                         "parsed by the receiving service."))


def success():
    return {"@Message.ExtendedInfo": [
        message("Base.1.12.Success", "The request completed successfully."),
        message("IDRAC.2.8.SYS413", "The operation successfully completed.")]}


def plain(status):
    return error(message("Base.1.12.GeneralError", f"The request ended with status {status}."))
