"""The account itself, as `GET /me` tells of it, and what follows from its owner and its currency."""

import hashlib
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

USER_ID = 10000001
API_KEY = "acuity_sandbox"
_EMAIL = "owner@example.com"
_PAGES = "https://app.acuityscheduling.com"
_SITE = "https://the-7-space.example.com/config"
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}

_CAPABILITIES = {
    "is_public": True, "can_send_sms": True, "can_set_css": True, "can_use_api": True, "can_use_packages": True,
    "can_use_logo": True, "can_use_waitlist": True, "can_change_timezone": True, "can_hide_powered_by": True,
    "priority_support": False, "is_legacy": False,
}  # fmt: skip


def new() -> dict[str, Any]:
    """All that a recorded account told of itself, in its order; the values are this sandbox's own.

    `created` is a UTC time under the account's offset, as there.
    """
    page = scheduling_page(USER_ID)
    return {
        "expires": "2036-01-05 09:00:00", "id": USER_ID, "owner": USER_ID, "email": _EMAIL, "timezone": "Europe/Berlin",
        "country": "DE", "firstDayOfWeek": 1, "timeFormat": "ampm", "dateFormat": "%B %e, %Y", "currency": "EUR",
        "currencyLabel": "Euro (EUR)", "schedulingPage": page, "ownerKey": "7a5bace0", "accentColor": "#5fb8b9",
        "plan": "Premium", "accountLanguage": "en_US", "planCapabilities": _CAPABILITIES, "name": "The 7 Space",
        "description": "", "adminEmail": _EMAIL, "isHIPAA": False, "accountType": "admin", "parentPlan": "Premium",
        "calendarLimit": 36, "parentCalendarCount": 2, "maxCalendars": 36, "hasLowerCalLimitPlan": False,
        "isTrial": False, "isPretrial": False, "canSendSms": False, "isIntegratedSquarespace": True,
        "isSquarespaceAttached": False, "isMigratedAccount": False, "created": "2026-01-05T09:00:00+0100",
        "industry": None, "acuityScheduler": page, "genericScheduler": page,
        "secondoPreviewScheduler": f"{_SITE}/scheduling-service/schedule-preview/7a5bace0",
        "accountPreferences": f"{_SITE}/scheduling/preferences.php?action=myaccount",
        "memberAccountId": "695b7a5bace0000000000001", "contextWebsiteId": "695b7a5bace0000000000002",
        "schedulingSubscriptionId": None, "hasCollapseCategoriesEnabled": False, "paymentType": None,
        "cardPayments": False, "enableTipping": False, "clientsDistinctByPhone": False, "isSmsVerified": False,
        "verifiedPhoneNumber": None, "showSmsFilteringBanner": False, "isLegacyPowerhousePlus": False,
        "isAddressVerified": False, "firstName": "Sand", "lastName": "Box", "displayName": "Sand Box",
        "initials": "SB", "avatarUrl": "", "isCircleMember": False, "isAcuityLabs": False, "isQA": False,
        "embedCode": f'<iframe src="{page}" width="100%" height="800" frameBorder="0"></iframe>',
        "hasExpired": False, "hasEverPaid": True, "oldPlan": "", "isBilledMonthly": False, "nextBillingDate": None,
        "isInSqspOrg": False, "isLexiconEnabled": True, "shouldShowLexiconFeatureGate": False, "isIapBilled": False,
    }  # fmt: skip


def scheduling_page(owner: object) -> str:
    return f"{_PAGES}/schedule.php?owner={owner}"


def confirmation_pages(me: dict[str, Any], appointment_id: int) -> dict[str, str]:
    """The two links of an appointment; the key in them follows from its id, in place of a secret."""
    key = hashlib.sha256(f"{me['owner']}/{appointment_id}".encode()).hexdigest()[:32]
    return {
        "confirmationPage": f"{scheduling_page(me['owner'])}&action=appt&id%5B%5D={key}",
        "confirmationPagePaymentLink": f"{_PAGES}/schedule/{me['ownerKey']}/pay/{key}/?owner={me['owner']}",
    }


def money(value: object) -> str:
    """A decimal string with two places. Raises ValueError for what is no amount."""
    try:
        return str(Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    except InvalidOperation:
        raise ValueError(f"{value!r} is no amount of money") from None


def priced(me: dict[str, Any], amount: str) -> str:
    """As the text of the forms has it."""
    return f"{SIGNS.get(me['currency'], me['currency'] + ' ')}{amount}"
