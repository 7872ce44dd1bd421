//! The words beside a result code: the reference server's own table of results, one text a code. Never decides anything.

use ledger::ResultCode;

/// The published name of a result code; its number where it has none.
pub(crate) fn result_name(result: ResultCode) -> String {
    result.name().map_or_else(|| result.0.to_string(), str::to_owned)
}

/// A text for people beside a result code; a code that the server of the recordings does not know is named only.
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
    ("tecARRAY_EMPTY", "Array is empty."),
    ("tecARRAY_TOO_LARGE", "Array is too large."),
    ("tecBAD_CREDENTIALS", "Bad credentials."),
    ("tecCANT_ACCEPT_OWN_NFTOKEN_OFFER", "An NFToken offer cannot be claimed by its owner."),
    ("tecCLAIM", "Fee claimed. Sequence used. No action."),
    ("tecCRYPTOCONDITION_ERROR", "Malformed, invalid, or mismatched conditional or fulfillment."),
    ("tecDIR_FULL", "Can not add entry to full directory."),
    ("tecDST_TAG_NEEDED", "A destination tag is required."),
    ("tecDUPLICATE", "Ledger object already exists."),
    ("tecEMPTY_DID", "The DID object did not have a URI or DIDDocument field."),
    ("tecEXPIRED", "Expiration time is passed."),
    ("tecFAILED_PROCESSING", "Failed to correctly process transaction."),
    ("tecFROZEN", "Asset is frozen."),
    ("tecHAS_OBLIGATIONS", "The account cannot be deleted since it has obligations."),
    ("tecINCOMPLETE", "Some work was completed, but more submissions required to finish."),
    ("tecINSUFFICIENT_FUNDS", "Not enough funds available to complete requested transaction."),
    ("tecINSUFFICIENT_PAYMENT", "The payment is not sufficient."),
    ("tecINSUFFICIENT_RESERVE", "Insufficient reserve to complete requested operation."),
    ("tecINSUFF_FEE", "Insufficient balance to pay fee."),
    ("tecINSUF_RESERVE_LINE", "Insufficient reserve to add trust line."),
    ("tecINSUF_RESERVE_OFFER", "Insufficient reserve to create offer."),
    ("tecINTERNAL", "An internal error has occurred during processing."),
    ("tecINVALID_UPDATE_TIME", "The Oracle object has invalid LastUpdateTime field."),
    ("tecINVARIANT_FAILED", "One or more invariants for the transaction were not satisfied."),
    ("tecKILLED", "No funds transferred and no offer created."),
    ("tecLIMIT_EXCEEDED", "Limit exceeded."),
    ("tecLOCKED", "Fund is locked."),
    ("tecMAX_SEQUENCE_REACHED", "The maximum sequence number was reached."),
    ("tecNEED_MASTER_KEY", "The operation requires the use of the Master Key."),
    ("tecNFTOKEN_BUY_SELL_MISMATCH", "The 'Buy' and 'Sell' NFToken offers are mismatched."),
    ("tecNFTOKEN_OFFER_TYPE_MISMATCH", "The type of NFToken offer is incorrect."),
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
    ("tecNO_REGULAR_KEY", "Regular key is not set."),
    ("tecNO_SUITABLE_NFTOKEN_PAGE", "A suitable NFToken page could not be located."),
    ("tecNO_TARGET", "Target account does not exist."),
    ("tecOBJECT_NOT_FOUND", "A requested object could not be located."),
    ("tecOVERSIZE", "Object exceeded serialization limits."),
    ("tecOWNERS", "Non-zero owner count."),
    ("tecPATH_DRY", "Path could not send partial amount."),
    ("tecPATH_PARTIAL", "Path could not send full amount."),
    ("tecPRECISION_LOSS", "The amounts used by the transaction cannot interact."),
    ("tecPSEUDO_ACCOUNT", "This operation is not allowed against a pseudo-account."),
    ("tecTOKEN_PAIR_NOT_FOUND", "Token pair is not found in Oracle object."),
    ("tecTOO_SOON", "It is too early to attempt the requested operation. Please wait."),
    ("tecUNFUNDED", "Not enough XRP to satisfy the reserve requirement."),
    ("tecUNFUNDED_ADD", "DEPRECATED."),
    ("tecUNFUNDED_AMM", "Insufficient balance to fund AMM."),
    ("tecUNFUNDED_OFFER", "Insufficient balance to fund created offer."),
    ("tecUNFUNDED_PAYMENT", "Insufficient XRP balance to send."),
    ("tecWRONG_ASSET", "Wrong asset given."),
    ("tecXCHAIN_ACCOUNT_CREATE_PAST", "The account create count has already passed."),
    (
        "tecXCHAIN_ACCOUNT_CREATE_TOO_MANY",
        "There are too many pending account create transactions to submit a new one.",
    ),
    ("tecXCHAIN_BAD_CLAIM_ID", "Bad xchain claim id."),
    ("tecXCHAIN_BAD_PUBLIC_KEY_ACCOUNT_PAIR", "Bad public key account pair in an xchain transaction."),
    ("tecXCHAIN_BAD_TRANSFER_ISSUE", "Bad xchain transfer issue."),
    ("tecXCHAIN_CLAIM_NO_QUORUM", "Quorum was not reached on the xchain claim."),
    ("tecXCHAIN_CREATE_ACCOUNT_DISABLED", "This bridge does not support account creation."),
    ("tecXCHAIN_CREATE_ACCOUNT_NONXRP_ISSUE", "Only XRP may be used for xchain create account."),
    ("tecXCHAIN_INSUFF_CREATE_AMOUNT", "Insufficient amount to create an account."),
    ("tecXCHAIN_NO_CLAIM_ID", "No such xchain claim id."),
    ("tecXCHAIN_NO_SIGNERS_LIST", "The account did not have a signers list."),
    ("tecXCHAIN_PAYMENT_FAILED", "Failed to transfer funds in a xchain transaction."),
    ("tecXCHAIN_PROOF_UNKNOWN_KEY", "Unknown key for the xchain proof."),
    ("tecXCHAIN_REWARD_MISMATCH", "The reward amount must match the reward specified in the xchain bridge."),
    ("tecXCHAIN_SELF_COMMIT", "Account cannot commit funds to itself."),
    ("tecXCHAIN_SENDING_ACCOUNT_MISMATCH", "The sending account did not match the expected sending account."),
    ("tecXCHAIN_WRONG_CHAIN", "XChain Transaction was submitted to the wrong chain."),
    ("tefALREADY", "The exact transaction was already in this ledger."),
    ("tefBAD_ADD_AUTH", "Not authorized to add account."),
    ("tefBAD_AUTH", "Transaction's public key is not authorized."),
    ("tefBAD_AUTH_MASTER", "Auth for unclaimed account needs correct master key."),
    ("tefBAD_LEDGER", "Ledger in unexpected state."),
    ("tefBAD_QUORUM", "Signatures provided do not meet the quorum."),
    ("tefBAD_SIGNATURE", "A signature is provided for a non-signer."),
    ("tefCREATED", "Can't add an already created account."),
    ("tefEXCEPTION", "Unexpected program state."),
    ("tefFAILURE", "Failed to apply."),
    ("tefINTERNAL", "Internal error."),
    ("tefINVALID_LEDGER_FIX_TYPE", "The LedgerFixType field has an invalid value."),
    ("tefINVARIANT_FAILED", "Fee claim violated invariants for the transaction."),
    ("tefMASTER_DISABLED", "Master key is disabled."),
    ("tefMAX_LEDGER", "Ledger sequence too high."),
    ("tefNFTOKEN_IS_NOT_TRANSFERABLE", "The specified NFToken is not transferable."),
    ("tefNOT_MULTI_SIGNING", "Account has no appropriate list of multi-signers."),
    ("tefNO_AUTH_REQUIRED", "Auth is not required."),
    ("tefNO_TICKET", "Ticket is not in ledger."),
    ("tefPAST_SEQ", "This sequence number has already passed."),
    ("tefTOO_BIG", "Transaction affects too many items."),
    ("tefWRONG_PRIOR", "This previous transaction does not match."),
    ("telBAD_DOMAIN", "Domain too long."),
    ("telBAD_PATH_COUNT", "Malformed: Too many paths."),
    ("telBAD_PUBLIC_KEY", "Public key is not valid."),
    ("telCAN_NOT_QUEUE", "Can not queue at this time."),
    ("telCAN_NOT_QUEUE_BALANCE", "Can not queue at this time: insufficient balance to pay all queued fees."),
    ("telCAN_NOT_QUEUE_BLOCKED", "Can not queue at this time: blocking transaction in queue."),
    ("telCAN_NOT_QUEUE_BLOCKS", "Can not queue at this time: would block later queued transaction(s)."),
    ("telCAN_NOT_QUEUE_FEE", "Can not queue at this time: fee insufficient to replace queued transaction."),
    ("telCAN_NOT_QUEUE_FULL", "Can not queue at this time: queue is full."),
    ("telENV_RPC_FAILED", "Unit test RPC failure."),
    ("telFAILED_PROCESSING", "Failed to correctly process transaction."),
    ("telINSUF_FEE_P", "Fee insufficient."),
    ("telLOCAL_ERROR", "Local failure."),
    (
        "telNETWORK_ID_MAKES_TX_NON_CANONICAL",
        "Transactions submitted to this node/network must NOT include a NetworkID field.",
    ),
    ("telNO_DST_PARTIAL", "Partial payment to create account not allowed."),
    (
        "telREQUIRES_NETWORK_ID",
        "Transactions submitted to this node/network must include a correct NetworkID field.",
    ),
    ("telWRONG_NETWORK", "Transaction specifies a Network ID that differs from that of the local node."),
    ("temARRAY_EMPTY", "Malformed: Array is empty."),
    ("temARRAY_TOO_LARGE", "Malformed: Array is too large."),
    ("temBAD_AMM_TOKENS", "Malformed: Invalid LPTokens."),
    ("temBAD_AMOUNT", "Malformed: Bad amount."),
    ("temBAD_CURRENCY", "Malformed: Bad currency."),
    ("temBAD_EXPIRATION", "Malformed: Bad expiration."),
    ("temBAD_FEE", "Invalid fee, negative or not XRP."),
    ("temBAD_ISSUER", "Malformed: Bad issuer."),
    ("temBAD_LIMIT", "Limits must be non-negative."),
    (
        "temBAD_NFTOKEN_TRANSFER_FEE",
        "Malformed: The NFToken transfer fee must be between 1 and 5000, inclusive.",
    ),
    ("temBAD_OFFER", "Malformed: Bad offer."),
    ("temBAD_PATH", "Malformed: Bad path."),
    ("temBAD_PATH_LOOP", "Malformed: Loop in path."),
    ("temBAD_QUORUM", "Malformed: Quorum is unreachable."),
    ("temBAD_REGKEY", "Malformed: Regular key cannot be same as master key."),
    ("temBAD_SEND_XRP_LIMIT", "Malformed: Limit quality is not allowed for XRP to XRP."),
    ("temBAD_SEND_XRP_MAX", "Malformed: Send max is not allowed for XRP to XRP."),
    ("temBAD_SEND_XRP_NO_DIRECT", "Malformed: No Ripple direct is not allowed for XRP to XRP."),
    ("temBAD_SEND_XRP_PARTIAL", "Malformed: Partial payment is not allowed for XRP to XRP."),
    ("temBAD_SEND_XRP_PATHS", "Malformed: Paths are not allowed for XRP to XRP."),
    ("temBAD_SEQUENCE", "Malformed: Sequence is not in the past."),
    ("temBAD_SIGNATURE", "Malformed: Bad signature."),
    ("temBAD_SIGNER", "Malformed: No signer may duplicate account or other signers."),
    ("temBAD_SRC_ACCOUNT", "Malformed: Bad source account."),
    ("temBAD_TICK_SIZE", "Malformed: Tick size out of range."),
    ("temBAD_TRANSFER_FEE", "Malformed: Transfer fee is outside valid range."),
    ("temBAD_TRANSFER_RATE", "Malformed: Transfer rate must be >= 1.0 and <= 2.0"),
    ("temBAD_WEIGHT", "Malformed: Weight must be a positive value."),
    ("temCANNOT_PREAUTH_SELF", "Malformed: An account may not preauthorize itself."),
    ("temDISABLED", "The transaction requires logic that is currently disabled."),
    ("temDST_IS_SRC", "Destination may not be source."),
    ("temDST_NEEDED", "Destination not specified."),
    ("temEMPTY_DID", "Malformed: No DID data provided."),
    ("temINVALID", "The transaction is ill-formed."),
    ("temINVALID_ACCOUNT_ID", "Malformed: A field contains an invalid account ID."),
    ("temINVALID_COUNT", "Malformed: Count field outside valid range."),
    ("temINVALID_FLAG", "The transaction has an invalid flag."),
    ("temINVALID_INNER_BATCH", "Malformed: Invalid inner batch transaction."),
    ("temMALFORMED", "Malformed transaction."),
    ("temREDUNDANT", "The transaction is redundant."),
    ("temRIPPLE_EMPTY", "PathSet with no paths."),
    ("temSEQ_AND_TICKET", "Transaction contains a TicketSequence and a non-zero Sequence."),
    ("temUNCERTAIN", "In process of determining result. Never returned."),
    ("temUNKNOWN", "The transaction requires logic that is not implemented yet."),
    ("temXCHAIN_BAD_PROOF", "Malformed: Bad cross-chain claim proof."),
    ("temXCHAIN_BRIDGE_BAD_ISSUES", "Malformed: Bad bridge issues."),
    ("temXCHAIN_BRIDGE_BAD_MIN_ACCOUNT_CREATE_AMOUNT", "Malformed: Bad min account create amount."),
    ("temXCHAIN_BRIDGE_BAD_REWARD_AMOUNT", "Malformed: Bad reward amount."),
    ("temXCHAIN_BRIDGE_NONDOOR_OWNER", "Malformed: Bridge owner must be one of the door accounts."),
    ("temXCHAIN_EQUAL_DOOR_ACCOUNTS", "Malformed: Bridge must have unique door accounts."),
    ("terADDRESS_COLLISION", "Failed to allocate an unique account address."),
    ("terFUNDS_SPENT", "DEPRECATED."),
    ("terINSUF_FEE_B", "Account balance can't pay fee."),
    ("terLAST", "DEPRECATED."),
    ("terNO_ACCOUNT", "The source account does not exist."),
    ("terNO_AMM", "AMM doesn't exist for the asset pair."),
    ("terNO_AUTH", "Not authorized to hold IOUs."),
    ("terNO_DELEGATE_PERMISSION", "Delegated account lacks permission to perform this transaction."),
    ("terNO_LINE", "No such line."),
    ("terNO_RIPPLE", "Path does not permit rippling."),
    ("terOWNERS", "Non-zero owner count."),
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

    #[test]
    fn every_published_code_up_to_that_server_has_a_text() {
        // Of later servers.
        let later = ["tecBAD_PROOF", "tecNO_SPONSOR_PERMISSION", "tefBAD_PATH_COUNT", "tefNO_DST_PARTIAL"];
        let still_later = ["temBAD_CIPHERTEXT", "temBAD_MPT", "terLOCKED", "terNO_PERMISSION"];
        for name in (i16::MIN..i16::MAX).filter_map(|code| ResultCode(code).name()) {
            let is_known = TEXTS.iter().any(|(known, _)| *known == name);
            assert_ne!(is_known, later.contains(&name) || still_later.contains(&name), "{name}");
        }
        assert_eq!(result_message(ResultCode(-266)), "Malformed: Count field outside valid range.");
        assert_eq!(result_message(ResultCode(1)), "1");
    }
}
