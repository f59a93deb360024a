"""Refusals in Telegram's own words and codes (https://core.telegram.org/bots/api#making-requests)."""

from bot.playground.records import Json


class ApiError(Exception):
    """The Bot API's `{"ok": false, ...}` answer: a code, a description and, at times, parameters."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad_request(words: str) -> ApiError:
    return ApiError(400, f"Bad Request: {words}")


def forbidden(words: str) -> ApiError:
    return ApiError(403, f"Forbidden: {words}")


def conflict(words: str) -> ApiError:
    return ApiError(409, f"Conflict: {words}")


def too_many_requests(retry_after: int) -> ApiError:
    words = f"Too Many Requests: retry after {retry_after}"
    return ApiError(429, words, {"retry_after": retry_after})
