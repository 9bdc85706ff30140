"""The URL table: every endpoint of the service. Opening this file answers "what can be asked?"."""

from starlette.routing import BaseRoute

from app.routes import auth, system
from app.routes.http import Endpoint

ENDPOINTS: list[Endpoint] = [
    *system.ENDPOINTS,
    *auth.ENDPOINTS,
]

# What is not JSON in, JSON out: sockets, media, pages. Matched after the endpoints, in this order.
ROUTES: list[BaseRoute] = []
