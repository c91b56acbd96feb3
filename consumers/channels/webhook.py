"""Webhooks after Standard Webhooks v1: the notice as it is stored, signed."""

from datetime import datetime

from consumers.channels.posting import SignedPosts
from consumers.contact_points import ContactPoint
from consumers.outbox import Claim, SendOutcome, SendResult


class WebhookChannel(SignedPosts):
    """Sends deliveries to webhooks."""

    async def send(self, contact_point: ContactPoint, claimed: Claim, now: datetime) -> SendResult:
        """Send one delivery and say how that ended; raises nothing that a receiver can cause."""
        if contact_point.webhook is None:  # taken out of the file: what is for it waits until it is back
            return SendResult(SendOutcome.UNCONFIGURED)
        return await self.post(contact_point.webhook, claimed.id, claimed.payload, "application/json", now)
