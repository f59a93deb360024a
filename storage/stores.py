"""Every store over one session."""

from functools import cached_property

from storage.allowances import SqlAllowances
from storage.artifacts import SqlArtifacts
from storage.audit import SqlAudit
from storage.broadcasts import SqlBroadcasts
from storage.chats import SqlChats
from storage.controls import SqlControls
from storage.drafts import SqlDrafts
from storage.forgetting import SqlForgetting
from storage.interfaces.administration import (
    AuditStore,
    BroadcastStore,
    ControlStore,
    StatisticsStore,
    VerdictStore,
)
from storage.interfaces.chats import ChatStore, DraftStore, PaceStore
from storage.interfaces.jobs import JobStore
from storage.interfaces.people import ForgettingStore, InviteStore, PeopleStore, UserStore
from storage.interfaces.pictures import ArtifactStore, RetentionStore
from storage.interfaces.quotas import QuotaStore
from storage.invites import SqlInvites
from storage.jobs import SqlJobs
from storage.paces import SqlPaces
from storage.people import SqlPeople
from storage.retention import SqlRetention
from storage.session import Session
from storage.statistics import SqlStatistics
from storage.users import SqlUsers
from storage.verdicts import SqlVerdicts


class SqlStores:
    """A transaction needs one or two of them, so each is made when it is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def users(self) -> UserStore:
        return SqlUsers(self._session)

    @cached_property
    def chats(self) -> ChatStore:
        return SqlChats(self._session)

    @cached_property
    def quotas(self) -> QuotaStore:
        return SqlAllowances(self._session)

    @cached_property
    def jobs(self) -> JobStore:
        return SqlJobs(self._session)

    @cached_property
    def artifacts(self) -> ArtifactStore:
        return SqlArtifacts(self._session)

    @cached_property
    def verdicts(self) -> VerdictStore:
        return SqlVerdicts(self._session)

    @cached_property
    def people(self) -> PeopleStore:
        return SqlPeople(self._session)

    @cached_property
    def invites(self) -> InviteStore:
        return SqlInvites(self._session)

    @cached_property
    def forgetting(self) -> ForgettingStore:
        return SqlForgetting(self._session)

    @cached_property
    def retention(self) -> RetentionStore:
        return SqlRetention(self._session)

    @cached_property
    def audit(self) -> AuditStore:
        return SqlAudit(self._session)

    @cached_property
    def controls(self) -> ControlStore:
        return SqlControls(self._session)

    @cached_property
    def paces(self) -> PaceStore:
        return SqlPaces(self._session)

    @cached_property
    def broadcasts(self) -> BroadcastStore:
        return SqlBroadcasts(self._session)

    @cached_property
    def statistics(self) -> StatisticsStore:
        return SqlStatistics(self._session)

    @cached_property
    def drafts(self) -> DraftStore:
        return SqlDrafts(self._session)
