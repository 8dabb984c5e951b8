"""A Locust user that holds the event stream of $STREAM, written by hand: Locust knows none itself.

It reads lines, takes each empty one for the end of an event, and tells Locust the times between.
`HttpUser` it is, because the lines of `FastHttpUser` wait until there are 1,024 bytes.
"""

import os
import time

from locust import HttpUser, task


class Listener(HttpUser):
    @task
    def listen(self) -> None:
        began, name = time.perf_counter(), "ttfe"
        response = self.client.get(os.environ["STREAM"], stream=True)
        for line in response.iter_lines():
            if line:
                continue
            now = time.perf_counter()
            self.environment.events.request.fire(
                request_type="SSE",
                name=name,
                response_time=(now - began) * 1000,
                response_length=0,
                exception=None,
                context={},
            )
            began, name = now, "gap"
