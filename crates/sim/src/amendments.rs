//! The amendments a server 3.1.1 knows (names as recorded from one), and which of them this ledger follows. The rules
//! have no switches: what is in force is in force from the first ledger on. An id is SHA-512Half of the name.

use ledger::Hash256;
use ledger::hash::sha512_half;

/// An amendment by its published name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amendment {
    /// The name.
    pub name: &'static str,
    /// Whether this ledger behaves as one with the amendment in force. One about transactions or entries that are not
    /// here is not followed, whatever its name; one about validators changes nothing a single server shows.
    pub is_followed: bool,
}

impl Amendment {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Hash256 {
        sha512_half(&[self.name.as_bytes()])
    }
}

/// Every amendment known, by name.
#[must_use]
pub fn all() -> Vec<Amendment> {
    let with = |is_followed: bool| move |name: &&'static str| Amendment { name, is_followed };
    let mut all: Vec<Amendment> =
        FOLLOWED.iter().map(with(true)).chain(NOT_FOLLOWED.iter().map(with(false))).collect();
    all.sort_by_key(|amendment| amendment.name);
    all
}

/// Ids of those in force, ascending: the order in which a recorded server holds them in its first ledger.
#[must_use]
pub fn in_force() -> Vec<Hash256> {
    let mut ids: Vec<Hash256> =
        all().iter().filter(|amendment| amendment.is_followed).map(Amendment::id).collect();
    ids.sort_unstable();
    ids
}

/// What the ledger's own transactions do by these rules: the recordings are reproduced with all of them in force.
const FOLLOWED: [&str; 42] = [
    "AMM",
    "AMMClawback",
    "Clawback",
    "DeepFreeze",
    "DepositAuth",
    "DisallowIncoming",
    "Flow",
    "FlowSortStrands",
    "HardenedValidations",
    "ImmediateOfferKilled",
    "NegativeUNL",
    "RequireFullyCanonicalSig",
    "TicketBatch",
    "XRPFees",
    "fix1513",
    "fix1515",
    "fix1543",
    "fix1578",
    "fix1623",
    "fix1781",
    "fixAMMClawbackRounding",
    "fixAMMOverflowOffer",
    "fixAMMv1_1",
    "fixAMMv1_2",
    "fixAMMv1_3",
    "fixAmendmentMajorityCalc",
    "fixDirectoryLimit",
    "fixDisallowIncomingV1",
    "fixFillOrKill",
    "fixFrozenLPTokenTransfer",
    "fixInnerObjTemplate",
    "fixInnerObjTemplate2",
    "fixMasterKeyAsRegularKey",
    "fixPreviousTxnID",
    "fixQualityUpperBound",
    "fixReducedOffersV1",
    "fixReducedOffersV2",
    "fixRmSmallIncreasedQOffers",
    "fixSTAmountCanonicalize",
    "fixTakerDryOfferRemoval",
    "fixTrustLinesToSelf",
    "fixUniversalNumber",
];

/// About checks, escrows, payment channels, NFTs, multi-purpose tokens, signer lists, preauthorisations, credentials,
/// permissioned domains, identifiers, oracles, bridges, vaults, loans and the deletion of accounts: none is here. Of the
/// last, `DeletableAccounts`, one rule holds nevertheless: a new account begins at its ledger's number, as on the main network.
const NOT_FOLLOWED: [&str; 36] = [
    "CheckCashMakesTrustLine",
    "Checks",
    "Credentials",
    "DID",
    "DeletableAccounts",
    "DepositPreauth",
    "DynamicNFT",
    "ExpandedSignerList",
    "LendingProtocol",
    "MPTokensV1",
    "MultiSignReserve",
    "NFTokenMintOffer",
    "NonFungibleTokensV1_1",
    "PermissionedDEX",
    "PermissionedDomains",
    "PriceOracle",
    "SingleAssetVault",
    "TokenEscrow",
    "XChainBridge",
    "fix1571",
    "fixCheckThreading",
    "fixEmptyDID",
    "fixEnforceNFTokenTrustline",
    "fixEnforceNFTokenTrustlineV2",
    "fixIncludeKeyletFields",
    "fixInvalidTxFlags",
    "fixMPTDeliveredAmount",
    "fixNFTokenPageLinks",
    "fixNFTokenRemint",
    "fixNFTokenReserve",
    "fixNonFungibleTokensV1_2",
    "fixPayChanCancelAfter",
    "fixPayChanRecipientOwnerDir",
    "fixPriceOracleOrder",
    "fixRemoveNFTokenAutoTrustLine",
    "fixTokenEscrowV1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digests_of_names_and_none_is_named_twice() {
        let amendments = all();
        assert_eq!(amendments.len(), FOLLOWED.len() + NOT_FOLLOWED.len());
        assert!(amendments.windows(2).all(|pair| pair[0].name < pair[1].name));
        // "Known Amendments" in the XRP Ledger documentation.
        let amm = amendments.iter().find(|amendment| amendment.name == "AMM").unwrap();
        assert_eq!(amm.id().to_string(), "8CC0774A3BF66D1D22E76BBDA8E8A232E6B6313834301B3B23E8601196AE6455");
        assert!(in_force().contains(&amm.id()) && in_force().windows(2).all(|pair| pair[0] < pair[1]));
    }
}
