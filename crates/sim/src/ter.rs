//! The results that this ledger gives, by their published names (`server_definitions`). Never a result of our own.

use ledger::ResultCode;

/// How a rule ends: with a value, or with the result that the transaction gets.
pub type Outcome<T> = Result<T, ResultCode>;

macro_rules! results {
    ($($name:ident = $code:literal $text:literal;)*) => {
        $(#[doc = concat!("`", $text, "`.")]
        pub const $name: ResultCode = ResultCode($code);)*

        #[cfg(test)]
        const TABLE: &[(ResultCode, &str)] = &[$(($name, $text)),*];
    };
}

results! {
    TES_SUCCESS = 0 "tesSUCCESS";
    TEC_PATH_PARTIAL = 101 "tecPATH_PARTIAL";
    TEC_UNFUNDED_OFFER = 103 "tecUNFUNDED_OFFER";
    TEC_UNFUNDED_PAYMENT = 104 "tecUNFUNDED_PAYMENT";
    TEC_FAILED_PROCESSING = 105 "tecFAILED_PROCESSING";
    TEC_DIR_FULL = 121 "tecDIR_FULL";
    TEC_INSUF_RESERVE_OFFER = 123 "tecINSUF_RESERVE_OFFER";
    TEC_INSUF_RESERVE_LINE = 122 "tecINSUF_RESERVE_LINE";
    TEC_NO_DST = 124 "tecNO_DST";
    TEC_NO_DST_INSUF_XRP = 125 "tecNO_DST_INSUF_XRP";
    TEC_NO_LINE_INSUF_RESERVE = 126 "tecNO_LINE_INSUF_RESERVE";
    TEC_NO_LINE_REDUNDANT = 127 "tecNO_LINE_REDUNDANT";
    TEC_PATH_DRY = 128 "tecPATH_DRY";
    TEC_NO_ISSUER = 133 "tecNO_ISSUER";
    TEC_NO_AUTH = 134 "tecNO_AUTH";
    TEC_NO_LINE = 135 "tecNO_LINE";
    TEC_INSUFF_FEE = 136 "tecINSUFF_FEE";
    TEC_FROZEN = 137 "tecFROZEN";
    TEC_NO_TARGET = 138 "tecNO_TARGET";
    TEC_NO_PERMISSION = 139 "tecNO_PERMISSION";
    TEC_INSUFFICIENT_RESERVE = 141 "tecINSUFFICIENT_RESERVE";
    TEC_NEED_MASTER_KEY = 142 "tecNEED_MASTER_KEY";
    TEC_DST_TAG_NEEDED = 143 "tecDST_TAG_NEEDED";
    TEC_INTERNAL = 144 "tecINTERNAL";
    TEC_EXPIRED = 148 "tecEXPIRED";
    TEC_KILLED = 150 "tecKILLED";
    TEC_OWNERS = 132 "tecOWNERS";
    TEC_DUPLICATE = 149 "tecDUPLICATE";
    TEC_UNFUNDED_AMM = 162 "tecUNFUNDED_AMM";
    TEC_AMM_BALANCE = 163 "tecAMM_BALANCE";
    TEC_AMM_FAILED = 164 "tecAMM_FAILED";
    TEC_AMM_INVALID_TOKENS = 165 "tecAMM_INVALID_TOKENS";
    TEC_AMM_EMPTY = 166 "tecAMM_EMPTY";
    TEC_AMM_NOT_EMPTY = 167 "tecAMM_NOT_EMPTY";
    TEC_INSUFFICIENT_FUNDS = 159 "tecINSUFFICIENT_FUNDS";
    TEC_AMM_ACCOUNT = 168 "tecAMM_ACCOUNT";
    TEC_INCOMPLETE = 169 "tecINCOMPLETE";
    TEF_BAD_AUTH = -196 "tefBAD_AUTH";
    TEF_EXCEPTION = -193 "tefEXCEPTION";
    TEF_INTERNAL = -192 "tefINTERNAL";
    TEF_NO_AUTH_REQUIRED = -191 "tefNO_AUTH_REQUIRED";
    TEF_PAST_SEQ = -190 "tefPAST_SEQ";
    TEF_WRONG_PRIOR = -189 "tefWRONG_PRIOR";
    TEF_MASTER_DISABLED = -188 "tefMASTER_DISABLED";
    TEF_MAX_LEDGER = -187 "tefMAX_LEDGER";
    TEF_NO_TICKET = -180 "tefNO_TICKET";
    TEL_CAN_NOT_QUEUE = -392 "telCAN_NOT_QUEUE";
    TEL_CAN_NOT_QUEUE_BALANCE = -391 "telCAN_NOT_QUEUE_BALANCE";
    TEL_CAN_NOT_QUEUE_BLOCKS = -390 "telCAN_NOT_QUEUE_BLOCKS";
    TEL_CAN_NOT_QUEUE_BLOCKED = -389 "telCAN_NOT_QUEUE_BLOCKED";
    TEL_CAN_NOT_QUEUE_FEE = -388 "telCAN_NOT_QUEUE_FEE";
    TEL_CAN_NOT_QUEUE_FULL = -387 "telCAN_NOT_QUEUE_FULL";
    TEL_BAD_DOMAIN = -398 "telBAD_DOMAIN";
    TEL_BAD_PATH_COUNT = -397 "telBAD_PATH_COUNT";
    TEL_BAD_PUBLIC_KEY = -396 "telBAD_PUBLIC_KEY";
    TEL_INSUF_FEE_P = -394 "telINSUF_FEE_P";
    TEL_NO_DST_PARTIAL = -393 "telNO_DST_PARTIAL";
    TEL_WRONG_NETWORK = -386 "telWRONG_NETWORK";
    TEL_REQUIRES_NETWORK_ID = -385 "telREQUIRES_NETWORK_ID";
    TEL_NETWORK_ID_MAKES_TX_NON_CANONICAL = -384 "telNETWORK_ID_MAKES_TX_NON_CANONICAL";
    TEL_FAILED_PROCESSING = -395 "telFAILED_PROCESSING";
    TEM_MALFORMED = -299 "temMALFORMED";
    TEM_BAD_AMOUNT = -298 "temBAD_AMOUNT";
    TEM_BAD_CURRENCY = -297 "temBAD_CURRENCY";
    TEM_BAD_EXPIRATION = -296 "temBAD_EXPIRATION";
    TEM_BAD_FEE = -295 "temBAD_FEE";
    TEM_BAD_LIMIT = -293 "temBAD_LIMIT";
    TEM_BAD_OFFER = -292 "temBAD_OFFER";
    TEM_BAD_PATH = -291 "temBAD_PATH";
    TEM_BAD_PATH_LOOP = -290 "temBAD_PATH_LOOP";
    TEM_BAD_SEND_XRP_LIMIT = -288 "temBAD_SEND_XRP_LIMIT";
    TEM_BAD_SEND_XRP_MAX = -287 "temBAD_SEND_XRP_MAX";
    TEM_BAD_SEND_XRP_NO_DIRECT = -286 "temBAD_SEND_XRP_NO_DIRECT";
    TEM_BAD_SEND_XRP_PARTIAL = -285 "temBAD_SEND_XRP_PARTIAL";
    TEM_BAD_SEND_XRP_PATHS = -284 "temBAD_SEND_XRP_PATHS";
    TEM_BAD_SEQUENCE = -283 "temBAD_SEQUENCE";
    TEM_BAD_SIGNATURE = -282 "temBAD_SIGNATURE";
    TEM_BAD_TRANSFER_RATE = -280 "temBAD_TRANSFER_RATE";
    TEM_BAD_SRC_ACCOUNT = -281 "temBAD_SRC_ACCOUNT";
    TEM_DST_IS_SRC = -279 "temDST_IS_SRC";
    TEM_DST_NEEDED = -278 "temDST_NEEDED";
    TEM_INVALID_FLAG = -276 "temINVALID_FLAG";
    TEM_INVALID = -277 "temINVALID";
    TEM_REDUNDANT = -275 "temREDUNDANT";
    TEM_RIPPLE_EMPTY = -274 "temRIPPLE_EMPTY";
    TEM_DISABLED = -273 "temDISABLED";
    TEM_BAD_TICK_SIZE = -269 "temBAD_TICK_SIZE";
    TEM_BAD_AMM_TOKENS = -261 "temBAD_AMM_TOKENS";
    TEM_INVALID_COUNT = -266 "temINVALID_COUNT";
    TEM_UNKNOWN = -264 "temUNKNOWN";
    TEM_SEQ_AND_TICKET = -263 "temSEQ_AND_TICKET";
    TER_INSUF_FEE_B = -97 "terINSUF_FEE_B";
    TER_NO_ACCOUNT = -96 "terNO_ACCOUNT";
    TER_NO_AUTH = -95 "terNO_AUTH";
    TER_NO_LINE = -94 "terNO_LINE";
    TER_PRE_SEQ = -92 "terPRE_SEQ";
    TER_QUEUED = -89 "terQUEUED";
    TER_NO_RIPPLE = -90 "terNO_RIPPLE";
    TER_NO_AMM = -87 "terNO_AMM";
    TER_PRE_TICKET = -88 "terPRE_TICKET";
}

/// Whether the result may change in a later attempt (`ter`).
pub fn is_retry(result: ResultCode) -> bool {
    (-99..0).contains(&result.0)
}

/// Whether the transaction makes no sense on any ledger (`tem`).
pub fn is_malformed(result: ResultCode) -> bool {
    (-299..-199).contains(&result.0)
}

/// Whether no later ledger will give another result (`tef`, `tem`), as the queue sees it.
pub fn is_hopeless(result: ResultCode) -> bool {
    (-299..-99).contains(&result.0)
}

/// Whether the same transaction may give another result in a later attempt. Malformed ones, ones whose number or ledger
/// is past, and ones that pay too little for any ledger never do.
pub fn may_change(result: ResultCode) -> bool {
    let is_past = [TEF_PAST_SEQ, TEF_MAX_LEDGER, TEF_NO_TICKET].contains(&result);
    let is_short =
        [TEL_INSUF_FEE_P, TEL_NO_DST_PARTIAL, TEL_BAD_DOMAIN, TEL_BAD_PUBLIC_KEY].contains(&result);
    let is_foreign =
        [TEL_WRONG_NETWORK, TEL_REQUIRES_NETWORK_ID, TEL_NETWORK_ID_MAKES_TX_NON_CANONICAL].contains(&result);
    let is_malformed = (-299..-199).contains(&result.0);
    result.0 < 0 && !(is_past || is_short || is_foreign || is_malformed)
}

/// Whether the transaction can never be applied (`tef`, `tem`, `tel`).
pub fn is_final_failure(result: ResultCode) -> bool {
    result.0 < -99
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_published_names() {
        for (code, name) in TABLE {
            assert_eq!(code.name(), Some(*name));
        }
        assert!(is_retry(TER_PRE_SEQ) && !is_retry(TEF_PAST_SEQ) && !is_retry(TES_SUCCESS));
        assert!(is_final_failure(TEL_INSUF_FEE_P) && !is_final_failure(TEC_KILLED));
        assert!(is_hopeless(TEF_PAST_SEQ) && is_hopeless(TEM_MALFORMED) && !is_hopeless(TEL_INSUF_FEE_P));
        for (result, may) in [
            (TER_PRE_SEQ, true),
            (TER_QUEUED, true),
            (TEL_CAN_NOT_QUEUE_FULL, true),
            (TEF_WRONG_PRIOR, true),
            (TEF_PAST_SEQ, false),
            (TEL_INSUF_FEE_P, false),
            (TEM_REDUNDANT, false),
            (TEC_KILLED, false),
            (TES_SUCCESS, false),
        ] {
            assert_eq!(may_change(result), may, "{result}");
        }
    }
}
