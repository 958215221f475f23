"""What moves a PaymentIntent on: confirm, capture, cancel, increment (terminal.md §2.6)."""

from __future__ import annotations

from countertop.api.errors import ApiError, card_error, invalid
from countertop.api.scope import Call, Document
from countertop.services.changes import merge, merge_metadata
from countertop.services.payments import captures, status, tips
from countertop.services.payments.amounts import check_amount
from countertop.services.payments.charge_objects import error_of
from countertop.services.payments.payment_methods import make_card, resolve
from countertop.services.payments.sales import Authorized, Payments

KIND = "payment_intent"
# Members that a confirmation may change on its way.
IN_PERSON = ("card_present", "interac_present")
AT_CONFIRM = ("capture_method", "payment_method_options", "receipt_email", "setup_future_usage", "shipping")


class Steps:
    """The steps, on one world's payments."""

    def __init__(self, sales: Payments) -> None:
        self._sales = sales

    def confirm(self, call: Call) -> Document:
        """POST …/confirm: charge the intent's payment method.  Raises ApiError 402 for a decline."""
        intent = self._intent(call)
        if call.key_kind == "pk" and call.params.get("client_secret") != intent["client_secret"]:
            raise invalid("The client_secret provided does not match this PaymentIntent.", param="client_secret")
        return self.confirm_intent(call, intent, call.params)

    def confirm_intent(self, call: Call, intent: Document, params: Document) -> Document:
        """Confirm with the parameters of a create or a confirm call."""
        if intent["status"] not in status.CONFIRMABLE:
            raise status.unexpected(intent, "confirm", status.CONFIRMABLE)
        if params.get("payment_method") or "payment_method_data" in params:
            before, intent["payment_method"] = intent["payment_method"], self.method_id(call, params, intent)
            if before != intent["payment_method"]:
                # A tip that was given with another card is not this one's.
                tips.forget(call.tx, call.account.id, intent["id"])
        given = {name: params[name] for name in AT_CONFIRM if name in params}
        intent |= merge({name: intent.get(name) for name in given}, given)
        status.check_capture(intent)
        if intent["payment_method"] is None:
            raise ApiError(
                400,
                "invalid_request_error",
                "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update "
                "the PaymentIntent with a payment method and then confirm it again, or confirm it again directly "
                "with a payment method or ConfirmationToken.",
                code="payment_intent_unexpected_state",
                extra={"payment_intent": intent},
            )
        method = call.fetch("payment_method", intent["payment_method"], param="payment_method")
        if method["type"] not in intent["payment_method_types"]:
            raise invalid(
                f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent. Please attach "
                f"a PaymentMethod of one of the following types: {', '.join(intent['payment_method_types'])}.",
                code="payment_intent_incompatible_payment_method",
                param="payment_method",
            )
        done = self._sales.authorize(call, intent, self._sales.card_of(call, method["id"]), method)
        if not done.answer.approved:
            raise declined(done, method)
        return done.intent

    def capture(self, call: Call) -> Document:
        """POST …/capture: all of the authorization, or ``amount_to_capture`` of it; the rest is released."""
        intent = self._intent(call)
        if intent["status"] != "requires_capture":
            raise status.unexpected(intent, "capture", ("requires_capture",))
        amount = int(
            call.params["amount_to_capture"] if "amount_to_capture" in call.params else intent["amount_capturable"]
        )
        noted = ("statement_descriptor", "statement_descriptor_suffix", "application_fee_amount")
        changes = {name: call.params[name] for name in noted if name in call.params}
        if "metadata" in call.params:
            changes["metadata"] = merge_metadata(intent["metadata"], call.params["metadata"])
        return captures.capture(self._sales, call, intent, amount, "amount_to_capture", changes)

    def cancel(self, call: Call) -> Document:
        """POST …/cancel."""
        intent = self._intent(call)
        if intent["status"] not in status.CANCELABLE:
            raise status.unexpected(intent, "cancel", status.CANCELABLE)
        return self._sales.release(call, intent, call.params.get("cancellation_reason"))

    def increment(self, call: Call) -> Document:
        """POST …/increment_authorization: ``amount`` is the new total; at most ten attempts, declines included."""
        intent = self._intent(call)
        if intent["status"] != "requires_capture":
            raise status.unexpected(intent, "capture", ("requires_capture",))
        charge = call.fetch("charge", intent["latest_charge"])
        details = charge["payment_method_details"].get("card_present") or {}
        if not details.get("incremental_authorization_supported"):
            raise invalid("This PaymentIntent does not support incremental authorization.")
        amount = call.params["amount"]
        check_amount(amount, intent["currency"])
        if amount <= intent["amount"]:
            raise invalid(f"The amount must be greater than the current amount of {intent['amount']}.", param="amount")
        noted = ("description", "statement_descriptor", "application_fee_amount", "transfer_data")
        changes = {name: call.params[name] for name in noted if name in call.params}
        if "metadata" in call.params:
            changes["metadata"] = merge_metadata(intent["metadata"], call.params["metadata"])
        captures.raise_authorization(self._sales, call, intent, charge, amount, changes)
        return intent

    def apply_customer_balance(self, call: Call) -> Document:
        """POST …/apply_customer_balance: only for intents that are paid from a cash balance."""
        intent = self._intent(call)
        if "customer_balance" not in intent["payment_method_types"]:
            raise invalid("This PaymentIntent cannot be funded from the customer's cash balance.")
        raise status.unexpected(intent, "apply", ("requires_action",))

    def verify_microdeposits(self, call: Call) -> Document:
        """POST …/verify_microdeposits: no intent of ours ever waits for them, and that is the answer."""
        raise status.unexpected(self._intent(call), "verify", ("requires_action",))

    def method_id(self, call: Call, params: Document, intent: Document) -> str:
        """The payment method that the parameters name or describe."""
        if "payment_method_data" in params:
            return str(make_card(self._sales, call, params["payment_method_data"])["id"])
        method = resolve(self._sales, call, params["payment_method"])
        is_collected = intent["status"] == "requires_confirmation" and method["id"] == intent["payment_method"]
        if method["type"] in IN_PERSON and not is_collected:
            raise invalid(
                f"The PaymentMethod {method['id']} was read by a reader and cannot be used again: use its "
                "generated_card, or present the card once more.",
                param="payment_method",
            )
        if method["customer"] not in (None, intent["customer"]):
            raise invalid(
                f"The provided PaymentMethod ({method['id']}) belongs to a Customer: pass that customer too.",
                param="payment_method",
            )
        return str(method["id"])

    def _intent(self, call: Call) -> Document:
        return call.fetch(KIND, call.path["intent"], param="intent", in_path=True)


def declined(done: Authorized, method: Document) -> ApiError:
    """402 with everything that the decline is about; what was written stays."""
    error = error_of(done.charge, done.answer, method)
    members = {name: error[name] for name in ("charge", "decline_code", "network_decline_code", "payment_method")}
    return card_error(error["message"], error["code"], **members, payment_intent=done.intent)
