"""What is drawn in which color."""

from storage.records import JobState

OUTCOMES = {
    JobState.SUCCEEDED: "#22c55e",
    JobState.CENSORED: "#f59e0b",
    JobState.FAILED: "#ef4444",
    JobState.CANCELED: "#9ca3af",
}
P50, P95, UNITS = "#3b82f6", "#8b5cf6", "#14b8a6"
