"""The URL table: every endpoint of the service. Opening this file answers "what can be asked?"."""

from starlette.routing import BaseRoute

from app.routes import (
    auth,
    avatars,
    captions,
    chat,
    dev_mail,
    documentation,
    follows,
    hooks,
    lives,
    media,
    moderation,
    passwords,
    posters,
    processing,
    sessions,
    socket,
    spa,
    system,
    uploads,
    users,
    videos,
    watching,
)
from app.routes.http import Endpoint

ENDPOINTS: list[Endpoint] = [
    *system.ENDPOINTS,
    *auth.ENDPOINTS,
    *sessions.ENDPOINTS,
    *passwords.ENDPOINTS,
    *avatars.ENDPOINTS,
    *users.ENDPOINTS,
    *uploads.ENDPOINTS,
    *processing.ENDPOINTS,
    *hooks.ENDPOINTS,
    *videos.ENDPOINTS,
    *watching.ENDPOINTS,
    *captions.ENDPOINTS,
    *posters.ENDPOINTS,
    *lives.ENDPOINTS,
    *follows.ENDPOINTS,
    *chat.ENDPOINTS,
    *moderation.ENDPOINTS,
    *socket.ENDPOINTS,
]

# What is not JSON in, JSON out: sockets, media, pages. Matched after the endpoints, in this order.
ROUTES: list[BaseRoute] = [
    *media.ROUTES,
    *documentation.ROUTES,
    *dev_mail.ROUTES,
    *spa.ROUTES,
]
