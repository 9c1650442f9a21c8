# SPDX-License-Identifier: Apache-2.0
"""What a policies.json shall be with the module, and without it.

policies.py add|delete|remove RESULT BEFORE NAME FILE LIBRARY DISTRIBUTION...

BEFORE is the file as it was, if this program changed it. A file in /etc hides the
distribution's: a new one begins as that. Writes RESULT, or nothing if FILE shall
go. Ends with 3, and the file's name on stderr, if that is not to be understood.
"""

import json
import pathlib
import sys


def content_of(path):
    try:
        return pathlib.Path(path).read_bytes()
    except FileNotFoundError:
        return None


def parse(content, path):
    try:
        document = json.loads(content)
        policies = document.get("policies", {})
        devices = policies.get("SecurityDevices", {})
        lists = devices.get("Add", {}), devices.get("Delete", [])
        if isinstance(lists[0], dict) and isinstance(lists[1], list):
            return document
    except (ValueError, AttributeError):
        pass
    print(path, end="", file=sys.stderr)
    sys.exit(3)


def changed(document, action, name, library):
    """A copy in which the module is added, deleted by name, or not mentioned."""
    document = json.loads(json.dumps(document))
    policies = document.setdefault("policies", {})
    devices = policies.setdefault("SecurityDevices", {})
    if "Add" not in devices and "Delete" not in devices:
        # The old form names the modules directly; beside Add it would be ignored.
        devices = {"Add": devices}
    added, deleted = devices.get("Add", {}), devices.get("Delete", [])
    added.pop(name, None)
    if name in deleted:
        deleted.remove(name)
    if action == "add":
        added[name] = library
    if action == "delete":
        deleted.append(name)
    devices = {"Add": added, "Delete": deleted}
    policies["SecurityDevices"] = {key: value for key, value in devices.items() if value}
    if not policies["SecurityDevices"]:
        del policies["SecurityDevices"]
    return document


def text_of(document):
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def mentions(document, name):
    devices = document.get("policies", {}).get("SecurityDevices", {})
    return name in devices or name in devices.get("Add", {}) or name in devices.get("Delete", [])


def result(action, before_path, name, path, library, *distributions):
    content, before = content_of(path), content_of(before_path)
    base = {}
    for distribution in distributions:
        if (theirs := content_of(distribution)) is not None:
            base = parse(theirs, distribution)
            break
    if content is None:
        return None if action == "remove" else text_of(changed(base, action, name, library))
    document = parse(content, path)
    if action == "add":
        if document.get("policies", {}).get("SecurityDevices", {}).get("Add", {}).get(name) == library:
            return content
        return text_of(changed(document, action, name, library))
    if action == "remove":
        if not mentions(document, name):
            return content
        # As this program left it: back to what it was.
        origin = base if before is None else parse(before, before_path)
        if document in (changed(origin, "add", name, library), changed(origin, "delete", name, library)):
            return before
    document = changed(document, action, name, library)
    return None if before is None and document == {"policies": {}} else text_of(document)


if __name__ == "__main__":
    action, target, *words = sys.argv[1:]
    if (wanted := result(action, *words)) is not None:
        pathlib.Path(target).write_bytes(wanted)
