//! The ledger of a story and its time: nothing happens between two ledgers but what the story does, and every task of the
//! session has come to rest before it goes on.

use crate::common::{Folder, Run};
use crate::people::{self, Who, allow, offer, pay, rlusd, trust, xrp};
use crate::wallet::{Seat, Session};
use engine::config::Config;
use ledger::{Hash256, Object, ResultCode, SignedTx, TxMeta, TxType, fields as f, flags};
use server::{CloseMode, EmbeddedLedger, FaultScript, LedgerServer};
use sim::world::{AccountOffer, At, MarketSpec, WorldSpec};
use std::cell::RefCell;
use std::path::PathBuf;
use std::process::Stdio;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use units::{Drops, LedgerTime};

/// When every story begins: 2026-01-01T00:00:00Z.
const START_UNIX: i64 = 1_767_225_600;
/// History that the node keeps: more than a day of ledgers.
const KEPT_LEDGERS: u32 = 100_000;

/// Held while a program is started, and while a lock is taken: between its fork and its own beginning a program has a copy
/// of every open file of this process, and with it every lock.
pub static FORK: Mutex<()> = Mutex::new(());

/// What happened, line by line.
pub type Told = Rc<RefCell<Vec<String>>>;

/// Prints what happened, also when the story ends before its end.
struct Printed(Told);

impl Drop for Printed {
    fn drop(&mut self) {
        println!("{}", self.0.borrow().join("\n"));
    }
}

/// Where a transaction stands in its ledger, beside ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    BeforeOurs,
    AfterOurs,
}

/// The ledger, the people on it, and our session.
pub struct Stage {
    pub folder: Folder,
    pub config: Config,
    pub session: Option<Session>,
    pub told: Told,
    server: LedgerServer,
    interval: u32,
}

/// Lets a story happen on a ledger that closes every four seconds, with the usual configuration.
pub fn play(story: impl AsyncFnOnce(&mut Stage)) {
    play_with(4, &[], story);
}

/// The same with another interval and other settings.
pub fn play_with(interval: u32, settings: &[(&str, &str)], story: impl AsyncFnOnce(&mut Stage)) {
    let builder = &mut tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let mut stage = Stage::new(interval, settings);
        let _printed = Printed(Rc::clone(&stage.told));
        story(&mut stage).await;
    });
}

impl Stage {
    /// A wallet of 60 XRP and 85.2 RLUSD, and a maker whose bid and ask leave 1.42 in the middle.
    fn new(interval: u32, settings: &[(&str, &str)]) -> Stage {
        let start = LedgerTime::from_unix(START_UNIX).unwrap();
        let spec = WorldSpec {
            wallet_funds: Drops::ZERO,
            ledger_interval_seconds: interval,
            ..WorldSpec::paper(1, MarketSpec::None, start)
        };
        let folder = Folder::new();
        let ledger = EmbeddedLedger::create(&folder.path().join("neo.db.ledger"), spec).unwrap();
        let server = LedgerServer::new(ledger, CloseMode::Manual);
        // A story about tickets asks for them: the others count every drop of every fee.
        let pool =
            [("ticket_pool", "0")].into_iter().filter(|(key, _)| settings.iter().all(|(k, _)| k != key));
        let config = Config::from_pairs(pool.chain(settings.iter().copied())).unwrap();
        let stage = Stage { folder, config, session: None, told: Told::default(), server, interval };
        stage.set_up();
        stage
    }

    fn set_up(&self) {
        for (who, funds) in
            [(Who::Issuer, "1000"), (Who::Maker, "9000"), (Who::Taker, "9000"), (Who::Wallet, "60.00001")]
        {
            self.sends(Who::Genesis, &pay(who, xrp(funds)));
        }
        self.close();
        // Clawback can be allowed only while the issuer has no lines.
        self.sends(Who::Issuer, &allow(flags::ASF_ALLOW_TRUST_LINE_CLAWBACK));
        self.sends(Who::Issuer, &allow(flags::ASF_DEFAULT_RIPPLE));
        self.close();
        for who in [Who::Maker, Who::Taker, Who::Wallet] {
            self.sends(who, &trust());
        }
        self.close();
        for (who, funds) in [(Who::Maker, "5000"), (Who::Taker, "5000"), (Who::Wallet, "85.2")] {
            self.sends(Who::Issuer, &pay(who, rlusd(funds)));
        }
        self.close();
        self.maker_quotes("1.415", "1.425");
        self.close();
    }

    /// The maker's bid and ask, 1,000 XRP each, in place of what rests of the last ones.
    pub fn maker_quotes(&self, bid: &str, ask: &str) {
        self.maker_leaves();
        let times_1000 = |price: &str| {
            let price: units::Exact = price.parse().unwrap();
            rlusd(&(&price * &units::Exact::new(1000.into(), 0)).to_string())
        };
        self.sends(Who::Maker, &offer(times_1000(bid), xrp("1000")));
        self.sends(Who::Maker, &offer(xrp("1000"), times_1000(ask)));
    }

    /// The maker takes everything down: without it there is no middle, and nothing is quoted.
    pub fn maker_leaves(&self) {
        for offer in self.offers_of(Who::Maker) {
            self.sends(Who::Maker, &people::cancel(offer.sequence));
        }
    }

    /// Submits to the open ledger; it must be taken as a success.
    pub fn sends(&self, who: Who, body: &Object) -> Hash256 {
        let signed = self.signed(who, body, 10);
        let answer = self.server.submit(&signed.blob).unwrap();
        assert_eq!(answer.engine_result, ResultCode::TES_SUCCESS, "{who:?}: {body:?}");
        signed.hash
    }

    /// Submits so that it stands before or after our own transaction in the ledger that closes next. The order of accounts
    /// in a ledger follows from the hashes of all its transactions, so another fee gives another order.
    pub fn sends_beside_ours(&self, who: Who, body: &Object, order: Order) -> Hash256 {
        let us = Who::Wallet.keys().account().to_string();
        for fee in 10..100 {
            let signed = self.signed(who, body, fee);
            let mut world = self.server.with_ledger(|ledger| ledger.world().clone());
            world.submit(&signed.blob).unwrap();
            let closed = world.close();
            let place = |ours: &dyn Fn(&Object, &Hash256) -> bool| {
                closed
                    .transactions
                    .iter()
                    .position(|tx| ours(&Object::from_bytes(&tx.blob).unwrap(), &tx.hash))
            };
            let ours = place(&|tx, _| tx.account(f::ACCOUNT).unwrap().to_string() == us);
            let theirs = place(&|_, hash| *hash == signed.hash);
            let (Some(ours), Some(theirs)) = (ours, theirs) else {
                panic!("both must be in the open ledger")
            };
            if (theirs < ours) == (order == Order::BeforeOurs) {
                self.server.submit(&signed.blob).unwrap();
                return signed.hash;
            }
        }
        panic!("no fee puts it {order:?}");
    }

    fn signed(&self, who: Who, body: &Object, fee: i64) -> SignedTx {
        let keys = who.keys();
        let sequence =
            self.server.with_ledger(|ledger| ledger.world().sequence(At::Current, keys.account())).unwrap();
        let tx = body
            .clone()
            .with(f::ACCOUNT, keys.account())
            .with(f::NETWORK_ID, sim::identity::NETWORK_ID)
            .with(f::FEE, Drops::new(fee).unwrap())
            .with(f::SEQUENCE, sequence);
        ledger::sign_object(&tx, &keys).unwrap().1
    }

    /// So many ledgers close; after each of them the session does all that it has to do.
    pub async fn closes(&self, ledgers: u32) {
        for _ in 0..ledgers {
            self.close();
            tokio::time::sleep(Duration::from_secs(self.interval.into())).await;
        }
    }

    fn close(&self) {
        self.server.close_ledger().unwrap();
        let index = self.newest();
        let us = Who::Wallet.keys().account();
        let told = self.server.with_ledger(|ledger| ledger.told_of(&us, units::LedgerIndex(index)));
        for tx in told {
            let fields = Object::from_bytes(&tx.blob).unwrap();
            let kind = TxType(u16::try_from(fields.u32(f::TRANSACTION_TYPE).unwrap()).unwrap());
            let result = TxMeta::from_bytes(&tx.meta).unwrap().result;
            let signer = fields.account(f::ACCOUNT).unwrap();
            let who = [Who::Genesis, Who::Issuer, Who::Maker, Who::Taker, Who::Wallet]
                .into_iter()
                .find(|who| who.keys().account() == signer);
            self.tell(format!("ledger  {kind} of the {:?}: {result}", who.unwrap()));
        }
    }

    /// The number of the last closed ledger.
    pub fn newest(&self) -> u32 {
        self.server.with_ledger(|ledger| ledger.header().ledger_index.get())
    }

    /// Offers in the last closed ledger, those of the open one left out.
    pub fn offers_of(&self, who: Who) -> Vec<AccountOffer> {
        let account = who.keys().account();
        self.server.with_ledger(|ledger| ledger.world().account_offers(At::Validated, account))
    }

    /// Numbers of tickets in the last closed ledger.
    pub fn tickets_of(&self, who: Who) -> Vec<u32> {
        let account = who.keys().account();
        let is_ticket = |entry: &Object| {
            entry.u32(f::LEDGER_ENTRY_TYPE) == Some(ledger::EntryType::TICKET.0.into())
                && entry.account(f::ACCOUNT) == Some(account)
        };
        self.server.with_ledger(|ledger| {
            let entries = ledger.world().all_entries(At::Validated).map(|(_, entry)| entry);
            let mut tickets: Vec<u32> =
                entries.filter(is_ticket).filter_map(|entry| entry.u32(f::TICKET_SEQUENCE)).collect();
            tickets.sort_unstable();
            tickets
        })
    }

    /// The sequence of our offer that gives XRP, or of the one that gives RLUSD.
    pub fn ours(&self, side: engine::Side) -> u32 {
        let gives_xrp = side == engine::Side::Sell;
        let offers = self.offers_of(Who::Wallet);
        let found = offers.iter().find(|offer| offer.taker_gets.drops().is_some() == gives_xrp);
        found.unwrap_or_else(|| panic!("no {side} of ours rests: {offers:?}")).sequence
    }

    /// From now on the node does these things wrong.
    pub fn goes_wrong(&self, faults: &str) {
        self.server.set_faults(FaultScript::from_yaml(faults).unwrap());
    }

    /// Nobody is connected for so many minutes; ledgers close all the same.
    pub fn nobody_is_there_for(&mut self, minutes: u32) {
        assert!(self.session.is_none(), "the engine is there");
        self.server.shut_down();
        let mut ledger = {
            let _alone = FORK.lock().unwrap_or_else(PoisonError::into_inner);
            EmbeddedLedger::open(&self.ledger_dir()).unwrap()
        };
        ledger.keep_ledgers(KEPT_LEDGERS);
        ledger.advance(minutes * 60 / self.interval).unwrap();
        self.server = LedgerServer::new(ledger, CloseMode::Manual);
        self.tell(format!("time    {minutes} minutes go by with nobody there"));
    }

    /// Runs the program on the story's database.
    pub fn neo(&self, args: &[&str]) -> Run {
        let mut command = self.folder.command(&[args, &["--db", "neo.db"]].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = {
            let _alone = FORK.lock().unwrap_or_else(PoisonError::into_inner);
            command.spawn().unwrap()
        };
        Run::of(child.wait_with_output().unwrap())
    }

    pub fn db(&self) -> PathBuf {
        self.folder.path().join("neo.db")
    }

    fn ledger_dir(&self) -> PathBuf {
        self.folder.path().join("neo.db.ledger")
    }

    /// What a session needs.
    pub fn seat(&self) -> Seat {
        Seat {
            db: self.db(),
            server: self.server.clone(),
            config: self.config.clone(),
            interval: Duration::from_secs(self.interval.into()),
            told: Rc::clone(&self.told),
        }
    }

    /// Lets go of the ledger's directory, so that the audit can read it.
    pub fn falls_silent(&self) {
        self.server.shut_down();
    }

    pub fn tell(&self, what: String) {
        let index = self.newest();
        self.told.borrow_mut().push(format!("{index:>6}  {what}"));
    }
}
