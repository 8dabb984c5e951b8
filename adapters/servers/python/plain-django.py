"""ssespec adapter for an event stream written by hand with Django, on uvicorn."""

import json

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path
from plain import comment, event
from protocol import Steps, serve_asgi

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    MIDDLEWARE=["django.middleware.gzip.GZipMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for tests",
)
django.setup()


async def emit(request: HttpRequest) -> StreamingHttpResponse:
    steps = Steps(json.loads(request.body))

    async def stream():
        with steps.cancellable():
            async for item in steps.items(event, comment):
                yield item

    headers = {"Cache-Control": "no-cache"}
    return StreamingHttpResponse(stream(), content_type="text/event-stream", headers=headers)


urlpatterns = [path("emit", emit)]
FEATURES = "event id retry comment retry-text data-less compress disconnect throw"
serve_asgi(get_asgi_application(), "plain-django", FEATURES, "django")
