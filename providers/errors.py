"""What can go wrong at an image service, as types that carry data.

    ProviderError
    ├── NotAccepted            nothing was accepted: asking again, here or elsewhere, is safe
    │   ├── InvalidRequest     the service refuses these parameters
    │   ├── Unauthorized       the key is missing, wrong or expired
    │   ├── OutOfCredit        the account is empty
    │   ├── RateLimited        too many requests; `retry_after` says for how long
    │   ├── ServiceGone        the model or the whole service is retired
    │   └── Unavailable        no connection, or the service says it takes nothing now
    │       └── Misconfigured  it never will as it is configured
    ├── OutcomeUnknown         the answer to a POST was lost: it may have been accepted
    ├── Censored               moderation said no; carries the verdict
    ├── GenerationFailed       accepted, then failed for good
    ├── ResultLost             made, but the service no longer has it (or never knew the id)
    ├── BadAnswer              an answer that can't be read: malformed JSON, not a picture, too large
    ├── DeadlineExceeded       our own time limit for the job ran out
    └── GenerationCanceled     canceled, by us or at the service

`detail` is for the log alone (redacted there); no error's text is ever shown to a user.
"""

from providers.types import Verdict


class ProviderError(Exception):
    """The root: `provider` is who failed, `detail` a line for the log."""

    def __init__(self, provider: str, detail: str = "") -> None:
        super().__init__(f"{provider}: {type(self).__name__}" + (f": {detail}" if detail else ""))
        self.provider = provider
        self.detail = detail


class NotAccepted(ProviderError):
    pass


class InvalidRequest(NotAccepted):
    def __init__(self, provider: str, detail: str = "", fields: tuple[str, ...] = ()) -> None:
        super().__init__(provider, detail)
        self.fields = fields


class Unauthorized(NotAccepted):
    pass


class OutOfCredit(NotAccepted):
    pass


class RateLimited(NotAccepted):
    """`retry_after`: seconds the service asks us to wait, None where it didn't say."""

    def __init__(self, provider: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(provider, detail)
        self.retry_after = retry_after


class ServiceGone(NotAccepted):
    pass


class Unavailable(NotAccepted):
    pass


class Misconfigured(Unavailable):
    """`option`: the part of the provider's configuration that can't be right (`device`)."""

    def __init__(self, provider: str, detail: str, *, option: str) -> None:
        super().__init__(provider, detail)
        self.option = option


class OutcomeUnknown(ProviderError):
    pass


class Censored(ProviderError):
    def __init__(self, provider: str, verdict: Verdict) -> None:
        super().__init__(provider, f"{verdict.stage} blocked by {verdict.source}")
        self.verdict = verdict


class GenerationFailed(ProviderError):
    """`transient`: the service itself says that trying again may help."""

    def __init__(self, provider: str, detail: str = "", *, transient: bool = False) -> None:
        super().__init__(provider, detail)
        self.transient = transient


class ResultLost(ProviderError):
    pass


class BadAnswer(ProviderError):
    pass


class DeadlineExceeded(ProviderError):
    pass


class GenerationCanceled(ProviderError):
    pass
