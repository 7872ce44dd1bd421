//! The words beside a result code. The server publishes one text a code (its own table of results; the codes
//! this ledger can give are here). Never decides anything.

use ledger::ResultCode;

/// The published name of a result code; its number where it has none.
pub(crate) fn result_name(result: ResultCode) -> String {
    result.name().map_or_else(|| result.0.to_string(), str::to_owned)
}

/// A text for people beside a result code; codes that do not occur here are named only.
pub(crate) fn result_message(result: ResultCode) -> String {
    let name = result_name(result);
    let found = TEXTS.iter().find(|(known, _)| *known == name);
    found.map_or(name.clone(), |(_, text)| (*text).to_owned())
}

const TEXTS: &[(&str, &str)] = &[
    ("tesSUCCESS", "The transaction was applied. Only final in a validated ledger."),
    ("tecAMM_ACCOUNT", "This operation is not allowed on an AMM Account."),
    ("tecAMM_BALANCE", "AMM has invalid balance."),
    ("tecAMM_EMPTY", "AMM is in empty state."),
    ("tecAMM_FAILED", "AMM transaction failed."),
    ("tecAMM_INVALID_TOKENS", "AMM invalid LP tokens."),
    ("tecAMM_NOT_EMPTY", "AMM is not in empty state."),
    ("tecCLAIM", "Fee claimed. Sequence used. No action."),
    ("tecDIR_FULL", "Can not add entry to full directory."),
    ("tecDST_TAG_NEEDED", "A destination tag is required."),
    ("tecDUPLICATE", "Ledger object already exists."),
    ("tecEXPIRED", "Expiration time is passed."),
    ("tecFAILED_PROCESSING", "Failed to correctly process transaction."),
    ("tecFROZEN", "Asset is frozen."),
    ("tecINSUFFICIENT_RESERVE", "Insufficient reserve to complete requested operation."),
    ("tecINSUFF_FEE", "Insufficient balance to pay fee."),
    ("tecINSUF_RESERVE_LINE", "Insufficient reserve to add trust line."),
    ("tecINSUF_RESERVE_OFFER", "Insufficient reserve to create offer."),
    ("tecINTERNAL", "An internal error has occurred during processing."),
    ("tecKILLED", "No funds transferred and no offer created."),
    ("tecNEED_MASTER_KEY", "The operation requires the use of the Master Key."),
    (
        "tecNO_ALTERNATIVE_KEY",
        "The operation would remove the ability to sign transactions with the account.",
    ),
    ("tecNO_AUTH", "Not authorized to hold asset."),
    ("tecNO_DST", "Destination does not exist. Send XRP to create it."),
    ("tecNO_DST_INSUF_XRP", "Destination does not exist. Too little XRP sent to create it."),
    ("tecNO_ENTRY", "No matching entry found."),
    ("tecNO_ISSUER", "Issuer account does not exist."),
    ("tecNO_LINE", "No such line."),
    ("tecNO_LINE_INSUF_RESERVE", "No such line. Too little reserve to create it."),
    ("tecNO_LINE_REDUNDANT", "Can't set non-existent line to default."),
    ("tecNO_PERMISSION", "No permission to perform requested operation."),
    ("tecNO_TARGET", "Target account does not exist."),
    ("tecOVERSIZE", "Object exceeded serialization limits."),
    ("tecOWNERS", "Non-zero owner count."),
    ("tecPATH_DRY", "Path could not send partial amount."),
    ("tecPATH_PARTIAL", "Path could not send full amount."),
    ("tecPRECISION_LOSS", "The amounts used by the transaction cannot interact."),
    ("tecUNFUNDED", "Not enough XRP to satisfy the reserve requirement."),
    ("tecUNFUNDED_AMM", "Insufficient balance to fund AMM."),
    ("tecUNFUNDED_OFFER", "Insufficient balance to fund created offer."),
    ("tecUNFUNDED_PAYMENT", "Insufficient XRP balance to send."),
    ("tefALREADY", "The exact transaction was already in this ledger."),
    ("tefBAD_AUTH", "Transaction's public key is not authorized."),
    ("tefEXCEPTION", "Unexpected program state."),
    ("tefFAILURE", "Failed to apply."),
    ("tefINTERNAL", "Internal error."),
    ("tefMASTER_DISABLED", "Master key is disabled."),
    ("tefMAX_LEDGER", "Ledger sequence too high."),
    ("tefNOT_MULTI_SIGNING", "Account has no appropriate list of multi-signers."),
    ("tefNO_TICKET", "Ticket is not in ledger."),
    ("tefPAST_SEQ", "This sequence number has already passed."),
    ("tefWRONG_PRIOR", "This previous transaction does not match."),
    ("telBAD_DOMAIN", "Domain too long."),
    ("telBAD_PUBLIC_KEY", "Public key is not valid."),
    ("telINSUF_FEE_P", "Fee insufficient."),
    ("telBAD_PATH_COUNT", "Malformed: Too many paths."),
    (
        "telNETWORK_ID_MAKES_TX_NON_CANONICAL",
        "Transactions submitted to this node/network must NOT include a NetworkID field.",
    ),
    (
        "telREQUIRES_NETWORK_ID",
        "Transactions submitted to this node/network must include a correct NetworkID field.",
    ),
    ("telWRONG_NETWORK", "Transaction specifies a Network ID that differs from that of the local node."),
    ("temBAD_AMM_TOKENS", "Malformed: Invalid LPTokens."),
    ("temBAD_AMOUNT", "Malformed: Bad amount."),
    ("temBAD_CURRENCY", "Malformed: Bad currency."),
    ("temBAD_EXPIRATION", "Malformed: Bad expiration."),
    ("temBAD_FEE", "Invalid fee, negative or not XRP."),
    ("temBAD_ISSUER", "Malformed: Bad issuer."),
    ("temBAD_LIMIT", "Limits must be non-negative."),
    ("temBAD_OFFER", "Malformed: Bad offer."),
    ("temBAD_PATH", "Malformed: Bad path."),
    ("temBAD_PATH_LOOP", "Malformed: Loop in path."),
    ("temBAD_SEND_XRP_LIMIT", "Malformed: Limit quality is not allowed for XRP to XRP."),
    ("temBAD_SEND_XRP_MAX", "Malformed: Send max is not allowed for XRP to XRP."),
    ("temBAD_SEND_XRP_NO_DIRECT", "Malformed: No Ripple direct is not allowed for XRP to XRP."),
    ("temBAD_SEND_XRP_PARTIAL", "Malformed: Partial payment is not allowed for XRP to XRP."),
    ("temBAD_SEND_XRP_PATHS", "Malformed: Paths are not allowed for XRP to XRP."),
    ("temBAD_SEQUENCE", "Malformed: Sequence is not in the past."),
    ("temBAD_SIGNATURE", "Malformed: Bad signature."),
    ("temBAD_SRC_ACCOUNT", "Malformed: Bad source account."),
    ("temBAD_TICK_SIZE", "Malformed: Tick size out of range."),
    ("temBAD_TRANSFER_RATE", "Malformed: Transfer rate must be >= 1.0 and <= 2.0"),
    ("temDISABLED", "The transaction requires logic that is currently disabled."),
    ("temDST_IS_SRC", "Destination may not be source."),
    ("temDST_NEEDED", "Destination not specified."),
    ("temINVALID", "The transaction is ill-formed."),
    ("temINVALID_COUNT", "Malformed: Count field outside valid range."),
    ("temINVALID_FLAG", "The transaction has an invalid flag."),
    ("temMALFORMED", "Malformed transaction."),
    ("temREDUNDANT", "The transaction is redundant."),
    ("temRIPPLE_EMPTY", "PathSet with no paths."),
    ("temSEQ_AND_TICKET", "Transaction contains a TicketSequence and a non-zero Sequence."),
    ("temUNKNOWN", "The transaction requires logic that is not implemented yet."),
    ("terINSUF_FEE_B", "Account balance can't pay fee."),
    ("terNO_ACCOUNT", "The source account does not exist."),
    ("terNO_AMM", "AMM doesn't exist for the asset pair."),
    ("terNO_LINE", "No such line."),
    ("terNO_RIPPLE", "Path does not permit rippling."),
    ("terPRE_SEQ", "Missing/inapplicable prior transaction."),
    ("terPRE_TICKET", "Ticket is not yet in ledger."),
    ("terQUEUED", "Held until escalated fee drops."),
    ("terRETRY", "Retry transaction."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_of_a_published_code_once() {
        for (place, (name, _)) in TEXTS.iter().enumerate() {
            assert!(ResultCode::by_name(name).is_some(), "{name}");
            assert!(TEXTS[..place].iter().all(|(earlier, _)| earlier != name), "{name} twice");
        }
    }
}
