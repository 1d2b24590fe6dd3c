"""The settings object: what may be written, what is pending, the job, and the reset that applies it."""
import itertools
import json
import threading
import time

import messages
from tree import V1, link, resource
from wire import Response

JOBS = f"{V1}/Managers/iDRAC.Embedded.1/Oem/Dell/Jobs"
DELETE_QUEUE = f"{V1}/Managers/iDRAC.Embedded.1/Oem/Dell/DellJobService/Actions/DellJobService.DeleteJobQueue"


def bad(message_id, text, *args, status=400):
    return Response(status, messages.error(messages.message(f"Base.1.12.{message_id}", text, args)))


def body_object(request):
    """(object, None), or (None, the refusal)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return None, bad("UnsupportedMediaType", "The Content-Type is not application/json.", status=415)
    try:
        document = json.loads(request.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return None, Response(400, messages.malformed())
    return document, None


class Bios:
    def __init__(self, tree, keys, log):
        self.tree, self.keys, self.log = tree, keys, log
        self.lock = threading.RLock()
        self.changed = {}  # what resets have applied
        self.pending = {}
        self.jobs = {}
        self.numbers = itertools.count(500000000001)
        self.etag = 1

    def current(self):
        """Attributes as the machine runs with them."""
        return {**self.tree.bios(), **self.changed}

    def waiting(self):
        return {**self.tree.preset(), **self.pending}

    def scheduled(self):
        return self.keys.on("job.pending") or any(job["JobState"] == "Scheduled" for job in self.jobs.values())

    def restore(self):
        """As at the beginning."""
        with self.lock:
            self.changed, self.pending, self.jobs = {}, {}, {}
            self.etag += 1

    def forget(self, name):
        """A key bios.NAME was set: it says what is."""
        with self.lock:
            self.changed.pop(name, None)
            self.etag += 1

    # Resources

    def find(self, key):
        """Bios, its settings, or a job; None: none of them."""
        tree = self.tree
        with self.lock:
            if key == tree.key(tree.bios_path()):
                return tree.override(key, self._bios())
            if key == tree.key(tree.settings_path()):
                return tree.override(key, self._settings())
            if self.keys["patch.job_by"] != "none":
                if key == JOBS:
                    return resource(JOBS, "DellJobCollection", "", Name="JobQueue", Members=[link(job["@odata.id"])
                                    for job in self._jobs().values()], **{"Members@odata.count": len(self._jobs())})
                return self._jobs().get(key)
        return None

    def _jobs(self):
        other = {f"{JOBS}/JID_400000000001": job("JID_400000000001")} if self.keys.on("job.pending") or self.tree.preset() else {}
        return {**other, **self.jobs}

    def _bios(self):
        settings = {"@odata.type": "#Settings.v1_3_3.Settings", "SettingsObject": link(self.tree.settings_path())}
        if self.tree.apply_times:
            settings["SupportedApplyTimes"] = list(self.tree.apply_times)
        return resource(self.tree.bios_path(), "Bios", "v1_2_1", Id="Bios", Name="BIOS Configuration Current Settings",
                        AttributeRegistry=self.tree.registry, Attributes=self.current(),
                        **{"@Redfish.Settings": settings, "@odata.etag": f'"{self.etag}"'})

    def _settings(self):
        style = self.keys["pending.style"]
        attributes = {**self.current(), **self.waiting()} if style == "all" else self.waiting()
        document = resource(self.tree.settings_path(), "Bios", "v1_2_0", Id=self.tree.bios_settings,
                            Name="BIOS Configuration Pending Settings", AttributeRegistry=self.tree.registry,
                            Description="BIOS Configuration Pending Settings. These settings will be applied on next "
                            "system reboot.",
                            Attributes=attributes, **{"@odata.etag": f'"{self.etag}"'})
        if style == "omit" and not attributes:
            del document["Attributes"]
        return document

    # Requests

    def post(self, request, key):
        """Dell's actions; None: no such target."""
        if self.keys["patch.job_by"] == "none":
            return None
        with self.lock:
            if key == JOBS:
                return self._post_job(request)
            if key == f"{self.tree.settings_path()}/Actions/Oem/DellManager.ClearPending":
                if self.scheduled():
                    return self._busy()
                return self._clear("pending-cleared")
            if key == DELETE_QUEUE:
                document, refusal = body_object(request)
                if refusal:
                    return refusal
                name = f"{JOBS}/{document.get('JobID')}"
                if document.get("JobID") != "JID_CLEARALL" and name not in self._jobs():
                    return Response(404, messages.not_found())
                for path in [path for path in self.jobs if document["JobID"] == "JID_CLEARALL" or path == name]:
                    del self.jobs[path]
                if document["JobID"] in ("JID_CLEARALL", "JID_400000000001"):
                    self.keys.set("job.pending", "off")
                return self._clear("job-deleted")
        return None

    def _clear(self, event):
        self.pending = {}
        self.etag += 1
        self.log.write(event=event)
        return Response(200, messages.success())

    @staticmethod
    def _busy():
        return Response(400, messages.error(messages.message(
            "IDRAC.2.8.SYS011", "Pending configuration values are already committed, unable to perform "
            "another set operation.",
            resolution="Wait for the scheduled job to complete or delete the configuration jobs before attempting more "
            "set attribute operations.")))

    def _post_job(self, request):
        document, refusal = body_object(request)
        if refusal:
            return refusal
        if document.get("TargetSettingsURI") != self.tree.settings_path():
            return bad("PropertyValueNotInList", "TargetSettingsURI is no settings object.", "TargetSettingsURI")
        if self.scheduled():
            return self._busy()
        if not self.pending:
            return bad("GeneralError", "No pending data present to create a Configuration job.")
        return Response(200, messages.success(), [("Location", self._new_job())])

    def _new_job(self):
        name = f"JID_{next(self.numbers)}"
        self.jobs[f"{JOBS}/{name}"] = job(name)
        self.log.write(event="job-created", id=name)
        return f"{JOBS}/{name}"

    def patch(self, request):
        """PATCH of the settings object: all of it, or nothing."""
        with self.lock:
            document, refusal = body_object(request)
            refusal = refusal or self._refuse(request, document)
            if refusal:
                return refusal
            attributes, honoured = document["Attributes"], self.keys["patch.apply_time"] == "honoured"
            now = "@Redfish.SettingsApplyTime" in document or not honoured
            self.pending.update(attributes)
            self.etag += 1
            by_patch = self.keys["patch.job_by"] == "patch" and now
            headers = [("Location", self._new_job())] if by_patch else []
            self.log.write(event="patched", attributes=attributes, pending=self.waiting(),
                           job=dict(headers).get("Location"))
            status = int(self.keys["patch.status"])
            if status == 202 and not by_patch and self.keys["patch.job_by"] != "none":
                status = 200
            return Response(status, None if status == 204 else self.tree.patched(attributes), headers)

    def _refuse(self, request, document):
        """Why a PATCH is not taken; None: it is."""
        match = request.headers.get("if-match")
        if match is None and self.keys.on("patch.if_match"):
            return bad("PreconditionRequired",
                       "A precondition header or annotation is required to change this resource.",
                       status=428)
        if match not in (None, "*", f'"{self.etag}"'):
            return bad("PreconditionFailed", "The ETag supplied did not match the current ETag.", status=412)
        for name in document:
            if name not in ("Attributes", "@Redfish.SettingsApplyTime"):
                return bad("PropertyUnknown", f"The property {name} is not in the list of valid properties for "
                           "the resource.", name)
        if "@Redfish.SettingsApplyTime" in document:
            when = document["@Redfish.SettingsApplyTime"]
            when = when.get("ApplyTime") if isinstance(when, dict) else None
            rule = self.keys["patch.apply_time"]
            if rule == "refused" or (rule == "honoured" and when not in (self.tree.apply_times or ("OnReset",))):
                return bad("PropertyValueNotInList",
                           f"The value {when} for the property ApplyTime is not in the list of "
                           "acceptable values.", str(when), "ApplyTime")
        attributes = document.get("Attributes")
        if not isinstance(attributes, dict) or not attributes:
            return bad("PropertyMissing", "The property Attributes is a required property.", "Attributes")
        if self.scheduled():
            return self._busy()
        return self._refuse_attributes(attributes)

    def _refuse_attributes(self, attributes):
        current, pending = self.current(), {**self.waiting(), **attributes}
        for name, value in attributes.items():
            if name not in current:
                return bad("PropertyUnknown", f"The property {name} is not in the list of valid properties for "
                           "the resource.", name)
            if self.tree.is_readonly(name, pending):
                return bad("PropertyNotWritable", f"The property {name} is a read only property and cannot be "
                           "assigned a value.", name)
            old, allowed = current[name], self.tree.allowed(name)
            if old is not None and type(value) is not type(old):
                return bad("PropertyValueTypeError", f"The value {value} for the property {name} is of a different "
                           "type than the property can accept.", str(value), name)
            if allowed is not None and value not in allowed:
                return bad("PropertyValueNotInList", f"The value '{value}' for the property {name} is not in the "
                           "list of acceptable values.", str(value), name)
        return None

    def reset(self, who):
        """The host starts again: what is pending, and has a job where one is needed, becomes what is."""
        with self.lock:
            needs_job = self.keys["patch.job_by"] != "none"
            ready = not needs_job or any(job["JobState"] == "Scheduled" for job in self.jobs.values())
            applied = {**(self.waiting() if ready else self.tree.preset())}
            self.changed.update(applied)
            if ready:
                self.pending = {}
            for name in self.tree.preset():
                self.keys.free.pop(f"pending.{name}", None)
            self.keys.set("job.pending", "off")
            for one in self.jobs.values():
                one.update({"JobState": "Completed", "PercentComplete": 100, "MessageId": "PR19",
                            "Message": "Job completed successfully.",
                            "CompletionTime": time.strftime("%Y-%m-%dT%H:%M:%S")})
            self.etag += 1
            self.log.write(event="host-reset", by=who, applied=applied)
            return applied


def job(name):
    return resource(f"{JOBS}/{name}", "DellJob", "v1_4_0", Id=name, Name="Configure: BIOS.Setup.1-1",
                    JobState="Scheduled",
                    JobType="BIOSConfiguration", Message="Task successfully scheduled.", MessageId="JCP001",
                    PercentComplete=0, StartTime="TIME_NOW", EndTime="TIME_NA", CompletionTime=None)
