"""Every store over one session."""

from storage.artifacts import SqlArtifacts
from storage.base import ArtifactStore, ChatStore, JobStore, QuotaStore, UserStore, VerdictStore
from storage.chats import SqlChats
from storage.jobs import SqlJobs
from storage.quotas import SqlQuotas
from storage.session import Session
from storage.users import SqlUsers
from storage.verdicts import SqlVerdicts


class SqlStores:
    def __init__(self, session: Session) -> None:
        self.users: UserStore = SqlUsers(session)
        self.chats: ChatStore = SqlChats(session)
        self.quotas: QuotaStore = SqlQuotas(session)
        self.jobs: JobStore = SqlJobs(session)
        self.artifacts: ArtifactStore = SqlArtifacts(session)
        self.verdicts: VerdictStore = SqlVerdicts(session)
