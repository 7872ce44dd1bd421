//! What transactions do to the ledger, with metadata in the published shape.

use super::world::{Offer, World, offer_id};
use super::*;

impl World {
    /// Moves the balances as the ledger does and writes the node pair.
    fn balance_nodes(
        &mut self,
        xrp: Drops,
        rlusd: IssuedValue,
        uses_sequence: bool,
        nodes: &mut Vec<AffectedNode>,
        hash: Hash256,
    ) {
        let old_xrp = self.xrp;
        self.xrp = self.xrp.checked_add(xrp).unwrap();
        self.sequence += u32::from(uses_sequence);
        let mut previous = Object::new();
        if self.xrp != old_xrp {
            previous.insert(f::BALANCE, Amount::Xrp(old_xrp));
        }
        nodes.push(AffectedNode {
            action: NodeAction::Modified,
            entry_type: EntryType::ACCOUNT_ROOT,
            index: Hash256([2; 32]),
            fields: Some(
                Object::new()
                    .with(f::ACCOUNT, US)
                    .with(f::BALANCE, Amount::Xrp(self.xrp))
                    .with(f::SEQUENCE, self.sequence)
                    .with(f::OWNER_COUNT, self.owner_count())
                    .with(f::FLAGS, 0_u32),
            ),
            previous: Some(previous),
            previous_txn_id: Some(self.last_txn),
            previous_txn_lgr_seq: Some(self.index),
        });
        self.last_txn = hash;
        if !rlusd.is_zero() {
            let old = self.rlusd;
            self.rlusd = self.rlusd.checked_add(rlusd).unwrap();
            let amount = |value, issuer| Amount::Issued { value, currency: Currency::RLUSD, issuer };
            // We are the low account: our id is the smaller one.
            nodes.push(AffectedNode {
                action: NodeAction::Modified,
                entry_type: EntryType::RIPPLE_STATE,
                index: Hash256([3; 32]),
                fields: Some(
                    Object::new()
                        .with(f::BALANCE, amount(self.rlusd, AccountId::ONE))
                        .with(f::LOW_LIMIT, amount(value("1000000"), US))
                        .with(f::HIGH_LIMIT, amount(IssuedValue::ZERO, ISSUER))
                        .with(f::FLAGS, 65536_u32),
                ),
                previous: Some(Object::new().with(f::BALANCE, amount(old, AccountId::ONE))),
                previous_txn_id: None,
                previous_txn_lgr_seq: None,
            });
        }
    }

    fn offer_node(action: NodeAction, sequence: u32, offer: &Offer, before: Option<Legs>) -> AffectedNode {
        let amounts = |legs: Legs| {
            let rlusd = Amount::Issued { value: legs.quote, currency: Currency::RLUSD, issuer: ISSUER };
            match offer.side {
                Side::Buy => (rlusd, Amount::Xrp(legs.base)),
                Side::Sell => (Amount::Xrp(legs.base), rlusd),
            }
        };
        let (gets, pays) = amounts(offer.legs);
        let fields = Object::new()
            .with(f::ACCOUNT, US)
            .with(f::SEQUENCE, sequence)
            .with(f::TAKER_GETS, gets)
            .with(f::TAKER_PAYS, pays)
            .with(f::EXPIRATION, offer.expiration);
        let previous = before.map(|legs| {
            let (gets, pays) = amounts(legs);
            Object::new().with(f::TAKER_GETS, gets).with(f::TAKER_PAYS, pays)
        });
        AffectedNode {
            action,
            entry_type: EntryType::OFFER,
            index: offer_id(sequence),
            fields: Some(fields),
            previous,
            previous_txn_id: None,
            previous_txn_lgr_seq: None,
        }
    }

    fn push(&mut self, blob: Vec<u8>, hash: Hash256, result: ResultCode, nodes: Vec<AffectedNode>) {
        let meta = TxMeta {
            result,
            index: self.own.len() as u32,
            nodes,
            delivered_amount: None,
            other: Object::new(),
        };
        self.own.push(OwnTx { hash, index: meta.index, tx_blob: blob, meta_blob: meta.to_bytes().unwrap() });
    }

    /// A transaction of somebody else, with a fresh hash.
    fn stranger(&mut self, tx_type: TxType, account: AccountId) -> (Object, Hash256, Vec<u8>) {
        self.counter += 1;
        let tx = Object::new()
            .with(f::TRANSACTION_TYPE, tx_type)
            .with(f::ACCOUNT, account)
            .with(f::SEQUENCE, self.counter)
            .with(f::FEE, Amount::Xrp(drops(10)));
        let blob = tx.to_bytes().unwrap();
        (tx, tx_hash(&blob), blob)
    }

    /// Somebody takes so many drops of an offer of ours; more than it has takes all of it. `false`: it is not there.
    pub fn take(&mut self, sequence: u32, base: i64) -> bool {
        let Some(offer) = self.offers.get(&sequence).cloned() else {
            return false;
        };
        let base = drops(base.clamp(1, offer.legs.base.get()));
        let whole = base == offer.legs.base;
        let quote = if whole {
            offer.legs.quote
        } else {
            let exact = &Exact::from(offer.legs.quote) * &Exact::new(base.get().into(), 0);
            let share =
                exact.divide(&Exact::new(offer.legs.base.get().into(), 0), 18, Rounding::Down).unwrap();
            share.to_issued(Rounding::HalfEven).unwrap()
        };
        let left = Legs {
            quote: if whole { IssuedValue::ZERO } else { offer.legs.quote.checked_sub(quote).unwrap() },
            base: offer.legs.base.checked_sub(base).unwrap(),
        };
        let after = Offer { legs: left, ..offer.clone() };
        let (_, hash, blob) = self.stranger(TxType::OFFER_CREATE, OTHER);
        let action = if whole { NodeAction::Deleted } else { NodeAction::Modified };
        let mut nodes = vec![Self::offer_node(action, sequence, &after, Some(offer.legs))];
        if whole {
            self.offers.remove(&sequence);
            self.book.push(BookChange::Deleted { id: offer_id(sequence) });
        } else {
            self.offers.insert(sequence, after.clone());
            self.book.push(BookChange::Modified(self.book_offer(sequence, &after)));
        }
        let (xrp, rlusd) = match offer.side {
            Side::Buy => (base, quote.negate()),
            Side::Sell => (base.negate(), quote),
        };
        self.balance_nodes(xrp, rlusd, false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
        true
    }

    /// A stranger's transaction sweeps an offer of ours away without trade (expired or unfunded).
    pub fn sweep(&mut self, sequence: u32) {
        let offer = self.offers.remove(&sequence).unwrap();
        let (_, hash, blob) = self.stranger(TxType::OFFER_CREATE, OTHER);
        let mut nodes = vec![Self::offer_node(NodeAction::Deleted, sequence, &offer, None)];
        self.book.push(BookChange::Deleted { id: offer_id(sequence) });
        self.balance_nodes(Drops::ZERO, IssuedValue::ZERO, false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// Somebody pays us.
    pub fn pay_us(&mut self, xrp: i64, rlusd: &str) {
        let (tx, _, _) = self.stranger(TxType::PAYMENT, OTHER);
        let tx = tx.with(f::DESTINATION, US).with(f::AMOUNT, Amount::Xrp(drops(xrp)));
        let blob = tx.to_bytes().unwrap();
        let hash = tx_hash(&blob);
        let mut nodes = vec![];
        self.balance_nodes(drops(xrp), value(rlusd), false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// Somebody's account is deleted and what it had is ours (`AccountDelete`, 21), or an escrow for us is finished
    /// (`EscrowFinish`, 2, whose entry is of type 117) or a channel pays (`PaymentChannelClaim`, 15, of type 120).
    pub fn comes_to_us(&mut self, xrp: i64, tx_type: u16, entry: Option<u16>) {
        let (tx, _, _) = self.stranger(TxType(tx_type), OTHER);
        let tx = if entry.is_none() { tx.with(f::DESTINATION, US) } else { tx };
        let blob = tx.to_bytes().unwrap();
        let hash = tx_hash(&blob);
        let mut nodes = vec![];
        if let Some(entry) = entry {
            nodes.push(AffectedNode {
                action: NodeAction::Deleted,
                entry_type: EntryType(entry),
                index: Hash256([4; 32]),
                fields: Some(Object::new().with(f::ACCOUNT, OTHER).with(f::DESTINATION, US)),
                previous: None,
                previous_txn_id: None,
                previous_txn_lgr_seq: None,
            });
        }
        self.balance_nodes(drops(xrp), IssuedValue::ZERO, false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// Our key pays somebody, elsewhere.
    pub fn foreign_payment(&mut self, xrp: i64) {
        let tx = Object::new()
            .with(f::TRANSACTION_TYPE, TxType::PAYMENT)
            .with(f::ACCOUNT, US)
            .with(f::SEQUENCE, self.sequence)
            .with(f::DESTINATION, OTHER)
            .with(f::AMOUNT, Amount::Xrp(drops(xrp)))
            .with(f::FEE, Amount::Xrp(drops(10)));
        let blob = tx.to_bytes().unwrap();
        let hash = tx_hash(&blob);
        let mut nodes = vec![];
        self.balance_nodes(drops(-xrp - 10), IssuedValue::ZERO, true, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// A balance changes and no rule says why.
    pub fn mystery(&mut self, xrp: i64, rlusd: &str) {
        let (_, hash, blob) = self.stranger(TxType::ACCOUNT_SET, OTHER);
        let mut nodes = vec![];
        self.balance_nodes(drops(xrp), value(rlusd), false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    /// Validates one submission now, if its turn has come.
    pub fn validate(&mut self, at: usize) {
        let (intent, signed) = self.queue.remove(at);
        self.validate_as(&intent, &signed, ResultCode::TES_SUCCESS);
    }

    pub fn validate_as(&mut self, intent: &Intent, signed: &SignedIntent, result: ResultCode) {
        assert!(self.has_turn(intent), "out of turn: {:?} at {}", intent.sequence, self.sequence);
        assert!(intent.last_ledger_sequence.get() > self.index, "validated after its last ledger");
        let mut nodes = vec![];
        let number = intent.sequence.number();
        let is_sequence = matches!(intent.sequence, SeqProxy::Sequence(_));
        if !is_sequence {
            self.tickets.remove(&number);
            nodes.push(Self::ticket_node(NodeAction::Deleted, number));
        }
        let mut made = 0;
        if result.is_success() {
            match &intent.body {
                IntentBody::Offer { side, legs, expiration, replaces, .. } => {
                    self.remove(*replaces, &mut nodes);
                    let offer = Offer { side: *side, legs: *legs, expiration: expiration.get() };
                    nodes.push(Self::offer_node(NodeAction::Created, number, &offer, None));
                    self.book.push(BookChange::Created(self.book_offer(number, &offer)));
                    self.offers.insert(number, offer);
                }
                IntentBody::Cancel { offer_sequence, .. } => self.remove(Some(*offer_sequence), &mut nodes),
                IntentBody::TicketCreate { count } => {
                    made = *count;
                    for ticket in number + 1..=number + made {
                        self.tickets.insert(ticket);
                        nodes.push(Self::ticket_node(NodeAction::Created, ticket));
                    }
                }
            }
        }
        self.sequence += made;
        self.balance_nodes(
            intent.fee_drops.negate(),
            IssuedValue::ZERO,
            is_sequence,
            &mut nodes,
            signed.hash,
        );
        self.push(signed.blob.clone(), signed.hash, result, nodes);
    }

    /// Whether its sequence is the next one, or its ticket is there.
    pub fn has_turn(&self, intent: &Intent) -> bool {
        match intent.sequence {
            SeqProxy::Sequence(sequence) => sequence == self.sequence,
            SeqProxy::Ticket(ticket) => self.tickets.contains(&ticket),
        }
    }

    fn ticket_node(action: NodeAction, ticket: u32) -> AffectedNode {
        AffectedNode {
            action,
            entry_type: EntryType::TICKET,
            index: sha512_half(&[b"ticket", &ticket.to_be_bytes()]),
            fields: Some(Object::new().with(f::ACCOUNT, US).with(f::TICKET_SEQUENCE, ticket)),
            previous: None,
            previous_txn_id: None,
            previous_txn_lgr_seq: None,
        }
    }

    /// Our key sends something with a ticket, elsewhere.
    pub fn foreign_by_ticket(&mut self, ticket: u32) {
        assert!(self.tickets.remove(&ticket), "no such ticket");
        let tx = Object::new()
            .with(f::TRANSACTION_TYPE, TxType::ACCOUNT_SET)
            .with(f::ACCOUNT, US)
            .with(f::SEQUENCE, 0_u32)
            .with(f::TICKET_SEQUENCE, ticket)
            .with(f::FEE, Amount::Xrp(drops(10)));
        let blob = tx.to_bytes().unwrap();
        let hash = tx_hash(&blob);
        let mut nodes = vec![Self::ticket_node(NodeAction::Deleted, ticket)];
        self.balance_nodes(drops(-10), IssuedValue::ZERO, false, &mut nodes, hash);
        self.push(blob, hash, ResultCode::TES_SUCCESS, nodes);
    }

    fn remove(&mut self, sequence: Option<u32>, nodes: &mut Vec<AffectedNode>) {
        if let Some(sequence) = sequence
            && let Some(offer) = self.offers.remove(&sequence)
        {
            nodes.push(Self::offer_node(NodeAction::Deleted, sequence, &offer, None));
            self.book.push(BookChange::Deleted { id: offer_id(sequence) });
        }
    }

    /// Validates everything whose turn has come; forgets what is too late.
    pub fn validate_all(&mut self) {
        let index = self.index;
        self.queue.retain(|(intent, _)| intent.last_ledger_sequence.get() > index);
        let is_by_sequence = |intent: &Intent| matches!(intent.sequence, SeqProxy::Sequence(_));
        // One account's sequences apply before its tickets.
        for sequences in [true, false] {
            while let Some(at) = self
                .queue
                .iter()
                .position(|(intent, _)| is_by_sequence(intent) == sequences && self.has_turn(intent))
            {
                self.validate(at);
            }
        }
    }

    /// Closes the ledger and gives it as an input.
    pub fn close(&mut self) -> Input {
        self.close_after(4)
    }

    pub fn close_after(&mut self, seconds: u32) -> Input {
        self.index += 1;
        self.close_time += seconds;
        if self.last_touch.as_ref() != Some(&self.touch) {
            self.book.extend(Side::BOTH.map(|side| BookChange::Created(self.other(side))));
            self.last_touch = Some(self.touch.clone());
        }
        let own = std::mem::take(&mut self.own);
        if !own.is_empty() {
            let (index, close_time) = (LedgerIndex(self.index), LedgerTime(self.close_time));
            self.history.push(OwnLedger { index, close_time, own: own.clone() });
        }
        Input::Ledger(Box::new(LedgerInput {
            header: self.header(),
            complete: true,
            book: std::mem::take(&mut self.book),
            owner_funds: vec![],
            pool: self.pool,
            own,
        }))
    }

    /// Validates a placement that takes from the book at once: so many drops of it at its own price; what is left
    /// rests, or is dropped as for want of reserve.
    pub fn validate_taking(&mut self, at: usize, base: i64, rests: bool) {
        let (intent, signed) = self.queue.remove(at);
        let IntentBody::Offer { side, legs, expiration, .. } = &intent.body else { unreachable!() };
        let base = drops(base.min(legs.base.get()));
        let share = &Exact::from(legs.quote) * &Exact::new(base.get().into(), 0);
        let share = share.divide(&Exact::new(legs.base.get().into(), 0), 12, Rounding::Up).unwrap();
        let quote = share.to_issued(Rounding::HalfEven).unwrap();
        let left = Legs {
            quote: legs.quote.checked_sub(quote).unwrap(),
            base: legs.base.checked_sub(base).unwrap(),
        };
        let mut nodes = vec![];
        if rests {
            let offer = Offer { side: *side, legs: left, expiration: expiration.get() };
            let number = intent.sequence.number();
            nodes.push(Self::offer_node(NodeAction::Created, number, &offer, None));
            self.book.push(BookChange::Created(self.book_offer(number, &offer)));
            self.offers.insert(number, offer);
        }
        let (xrp, rlusd) = match side {
            Side::Buy => (base, quote.negate()),
            Side::Sell => (base.negate(), quote),
        };
        let xrp = xrp.checked_sub(intent.fee_drops).unwrap();
        self.balance_nodes(xrp, rlusd, true, &mut nodes, signed.hash);
        self.push(signed.blob.clone(), signed.hash, ResultCode::TES_SUCCESS, nodes);
    }
}
