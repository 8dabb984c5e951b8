"""A Locust user that holds the event stream of $STREAM, written by hand: Locust knows none itself.

`requests` reads the lines; what Locust is told is the time to the first event and between events.
"""

import os
import time

from locust import FastHttpUser, task


class Listener(FastHttpUser):
    @task
    def listen(self) -> None:
        began = time.perf_counter()
        with self.client.get(os.environ["STREAM"], stream=True) as response:
            name = "ttfe"
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
