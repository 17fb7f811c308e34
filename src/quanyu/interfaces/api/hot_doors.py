"""The doors of the hot routes: events, decisions, redemptions at a till, transfers."""

from typing import Any

from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from quanyu.errors import QuanyuError
from quanyu.interfaces.api import deciding, intake, redeeming, transfers
from quanyu.interfaces.api.problems import Problem, of_failure

DOORS = {
    intake.PATH: intake.take_events,
    deciding.PATH: deciding.decide,
    redeeming.PATH: redeeming.redeem,
    transfers.PATH: transfers.take_transfers,
}


class HotDoors(FastAPI):
    """An application that answers its hot routes by itself, before the stack of the framework:
    routing, dependency solving, middlewares and telemetry take a third of the time of such a
    request. The routers have the same doors, documented."""

    async def __call__(self, scope: Scope, *channel: Any) -> None:
        receive, send = channel
        route = DOORS.get(scope["path"]) if scope["type"] == "http" else None
        if route is None or scope["method"] != "POST":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        try:
            response = await route(Request(scope, receive))
        except (Problem, QuanyuError) as error:
            response = of_failure(error)
        except ClientDisconnect:
            return
        except Exception as error:
            await of_failure(error)(scope, receive, send)
            raise
        await response(scope, receive, send)
