"""What every answer carries, set by the application itself and not by a proxy (I6)."""

from flask import Flask, Response, request

# Pages load only from here, and nothing inline. connect-src serves quick exit alone: it tells the
# server, in the background, that the screen was left.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",  # not even our own log learns where somebody came from
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
_TWO_YEARS = 63_072_000


def set_headers(response: Response) -> Response:
    """Security headers on everything; nothing but the static files may be kept anywhere (I5)."""
    response.headers.update(_ALWAYS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS}"
    return response


def init_app(app: Flask) -> None:
    """Put the headers on every answer of this application, error pages included."""
    app.after_request(set_headers)
