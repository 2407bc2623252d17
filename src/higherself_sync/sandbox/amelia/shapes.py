"""The plugin's objects, key by key in the order in which it writes them, each with what it shows for nothing.

The keys are those of 9.7; the free 1.2.9 lacks some of them, and has the rest in the same order (recorded for both).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from higherself_sync.sandbox.amelia.answers import Edition

Values = Mapping[str, Any]

USER: dict[str, Any] = {
    "id": None, "firstName": "", "lastName": "", "birthday": None, "email": None, "phone": None, "type": "customer",
    "status": None, "note": None, "zoomUserId": None, "countryPhoneIso": None, "externalId": None,
    "pictureFullPath": None, "pictureThumbPath": None, "translations": None,
}  # fmt: skip

FORMS: Mapping[str, dict[str, Any]] = {
    "appointment": {
        "id": None, "bookings": [], "notifyParticipants": 0, "internalNotes": "", "status": "approved",
        "serviceId": None, "parentId": None, "providerId": None, "assignedEmployeeId": None, "locationId": None,
        "provider": None, "service": None, "location": None, "googleCalendarEventId": None, "googleMeetUrl": None,
        "outlookCalendarEventId": None, "microsoftTeamsUrl": None, "appleCalendarEventId": None, "zoomMeeting": None,
        "lessonSpace": None, "bookingStart": None, "bookingEnd": None, "type": "appointment", "isRescheduled": None,
        "isChangedStatus": None, "isFull": None, "resources": [], "initialAppointmentDateTime": None,
        "createPaymentLinks": None,
    },
    "booking": {
        "id": None, "customerId": None, "customer": None, "status": "approved", "couponId": None, "price": 0,
        "coupon": None, "tax": None, "ivyEntryId": None, "appointmentId": None, "extras": [], "persons": 1,
        "token": None, "payments": [], "utcOffset": None, "aggregatedPrice": True, "isChangedStatus": None,
        "isLastBooking": None, "packageCustomerService": None, "ticketsData": [], "duration": None, "created": None,
        "actionsCompleted": None, "isNew": None, "isUpdated": None, "customFields": None, "info": None,
        "qrCodes": None, "icsFiles": None,
    },
    "payment": {
        "id": None, "customerBookingId": None, "packageCustomerId": None, "parentId": None, "amount": 0,
        "gateway": "onSite", "gatewayTitle": "", "dateTime": None, "status": "pending", "data": "", "entity": None,
        "created": None, "actionsCompleted": None, "triggeredActions": None, "wcOrderId": None, "wcOrderItemId": None,
        "wcOrderUrl": None, "wcItemCouponValue": None, "wcItemTaxValue": None, "transactionId": None,
        "transfers": None, "invoiceNumber": None, "paymentLinks": None,
    },
    "customer": {
        **USER, "customFields": None, "appleCalendarId": None, "googleCalendarId": None, "outlookCalendarId": None,
        "gender": None, "stripeConnect": None,
    },
    "provider": {
        **USER, "type": "provider", "weekDayList": [], "serviceList": [], "dayOffList": [], "specialDayList": [],
        "locationId": None, "googleCalendar": None, "outlookCalendar": None, "timeZone": None, "description": None,
        "badgeId": None, "stripeConnect": None,
    },
    "service": {
        "id": None, "name": "", "description": None, "color": None, "price": 0, "deposit": 0,
        "depositPayment": "disabled", "depositPerPerson": True, "pictureFullPath": None, "pictureThumbPath": None,
        "extras": [], "coupons": [], "position": None, "settings": None, "fullPayment": False, "minCapacity": None,
        "maxCapacity": None, "duration": None, "timeBefore": None, "timeAfter": None, "bringingAnyone": None,
        "show": True, "aggregatedPrice": None, "status": None, "categoryId": None, "category": None, "priority": [],
        "gallery": [], "recurringCycle": "disabled", "recurringSub": "future", "recurringPayment": 0,
        "translations": None, "minSelectedExtras": None, "mandatoryExtra": None, "customPricing": None,
        "maxExtraPeople": None, "limitPerCustomer": None,
    },
    "category": {
        "id": None, "status": "visible", "name": "", "serviceList": [], "position": None, "translations": None,
        "color": "#1788FB", "pictureFullPath": None, "pictureThumbPath": None,
    },
    "location": {
        "id": None, "status": None, "name": "", "description": None, "address": "", "phone": None, "latitude": None,
        "longitude": None, "pictureFullPath": None, "pictureThumbPath": None, "pin": None, "translations": None,
    },
    "field": {
        "id": None, "label": "", "type": "text", "required": False, "position": 1, "options": [], "services": [],
        "events": [], "translations": None, "allServices": True, "allEvents": False,
    },
}  # fmt: skip

LATER: Mapping[str, frozenset[str]] = {
    "appointment": frozenset({"assignedEmployeeId", "microsoftTeamsUrl", "appleCalendarEventId",
                              "initialAppointmentDateTime", "createPaymentLinks"}),
    "booking": frozenset({"ivyEntryId", "isNew", "qrCodes", "icsFiles"}),
    "payment": frozenset({"invoiceNumber", "paymentLinks"}),
    "customer": frozenset({"customFields", "appleCalendarId", "googleCalendarId", "outlookCalendarId"}),
}  # fmt: skip
"""What 1.2.9 does not have."""

# What the queries select; the rest of an object within an appointment is as if nothing were known of it.
CUSTOMER_IN_LIST = ("id", "firstName", "lastName", "email", "note", "phone", "gender", "status")
CUSTOMER_IN_ITEM = (*CUSTOMER_IN_LIST, "countryPhoneIso", "birthday")
PROVIDER_IN_LIST = (
    "id", "firstName", "lastName", "email", "note", "description", "phone", "translations", "timeZone",
)  # fmt: skip
PROVIDER_IN_ITEM = ("id", "firstName", "lastName", "email", "pictureFullPath", "pictureThumbPath", "zoomUserId")
SERVICE_IN_LIST = (
    "id", "name", "description", "color", "price", "status", "categoryId", "minCapacity", "maxCapacity", "timeAfter",
    "timeBefore", "duration", "settings",
)  # fmt: skip
SERVICE_IN_ITEM = (
    "id", "name", "color", "price", "timeBefore", "timeAfter", "aggregatedPrice", "pictureFullPath",
    "pictureThumbPath", "categoryId",
)  # fmt: skip
LOCATION_IN_ITEM = ("id", "name")


def shaped(kind: str, record: Values, edition: Edition, **more: Any) -> dict[str, Any]:
    """The whole object; `more` goes before what the record holds."""
    hidden = LATER.get(kind, frozenset()) if edition == "lite" else frozenset()
    values = {**record, **more}
    return {name: values.get(name, default) for name, default in FORMS[kind].items() if name not in hidden}


def part(kind: str, record: Values | None, names: Iterable[str], edition: Edition) -> dict[str, Any] | None:
    """The object with only these keys known, as a query within another gives it; None for none."""
    if record is None:
        return None
    return shaped(kind, {name: record[name] for name in names if name in record}, edition)


def number(value: float) -> float:
    """PHP writes 60.0 as 60."""
    return int(value) if float(value).is_integer() else value
