"""How events are written by hand: a line for each field that is given, and nothing looked at."""


def event(type=None, data=None, id=None, retry=None) -> str:
    fields = {"id": id, "event": type, "retry": retry, "data": data}
    lines = [f"{name}: {value}\n" for name, value in fields.items() if value is not None]
    return "".join(lines) + "\n"


def comment(text) -> str:
    return f": {text}\n\n"
