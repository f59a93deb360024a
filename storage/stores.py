"""Every store over one session."""

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
    def __init__(self, session: Session) -> None:
        self.users: UserStore = SqlUsers(session)
        self.chats: ChatStore = SqlChats(session)
        self.quotas: QuotaStore = SqlAllowances(session)
        self.jobs: JobStore = SqlJobs(session)
        self.artifacts: ArtifactStore = SqlArtifacts(session)
        self.verdicts: VerdictStore = SqlVerdicts(session)
        self.people: PeopleStore = SqlPeople(session)
        self.invites: InviteStore = SqlInvites(session)
        self.forgetting: ForgettingStore = SqlForgetting(session)
        self.retention: RetentionStore = SqlRetention(session)
        self.audit: AuditStore = SqlAudit(session)
        self.controls: ControlStore = SqlControls(session)
        self.paces: PaceStore = SqlPaces(session)
        self.broadcasts: BroadcastStore = SqlBroadcasts(session)
        self.statistics: StatisticsStore = SqlStatistics(session)
        self.drafts: DraftStore = SqlDrafts(session)
