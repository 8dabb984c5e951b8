"""A client for Server-Sent Events, as it is often written."""
import json, sys, urllib.request

def events(url):
    kind, data, last_id = "message", [], ""
    for line in urllib.request.urlopen(url):
        field, _, value = line.decode().rstrip("\r\n").partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            kind = value
        elif field == "id":
            last_id = value
        elif field == "" and data:
            yield {"type": kind, "data": "\n".join(data), "id": last_id}
            kind, data = "message", []

if __name__ == "__main__":
    for event in events(sys.argv[1]):
        print(json.dumps(event), flush=True)
