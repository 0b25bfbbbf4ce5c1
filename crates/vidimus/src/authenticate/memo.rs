//! What was verified once is not verified again while one delivery is judged (DESIGN section 9).
//!
//! What is remembered is the answer to one question: does this signature verify over this digest, with this primitive, under this
//! key? That is a function of these four alone, so an answer that is remembered is the answer. Nothing else is: whose key it is,
//! what a certificate may do, which root it leads to, whether the time is right are asked each time. So the memo of a certificate
//! chain is that of its signatures: an issuer's certificate that a thousand bundles bring is verified once, and under another
//! root, at another time or in another chain the path is looked at anew.
//!
//! The memo lives as long as one judgement. It is found through the thread that judges, because the Sigstore library has no other
//! place for it; outside of [`Memo::during`] nothing is remembered.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers that are kept. Beyond that verification goes on without.
const MAX: usize = 100_000;

/// sha256 over a question.
pub(super) type Question = [u8; 32];

/// Answers to questions that were asked during one judgement.
#[derive(Clone, Default)]
pub(super) struct Memo(Arc<Mutex<BTreeMap<Question, bool>>>);

thread_local! {
    static CURRENT: RefCell<Option<Memo>> = const { RefCell::new(None) };
}

/// Gives the thread the memo back that it had before, also on the way out of a panic.
struct Before(Option<Memo>);

impl Drop for Before {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

impl Memo {
    /// Does `work` with this memo.
    pub(super) fn during<R>(&self, work: impl FnOnce() -> R) -> R {
        let _before = Before(CURRENT.replace(Some(self.clone())));
        work()
    }

    fn get(&self, question: &Question) -> Option<bool> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(question).copied()
    }

    fn put(&self, question: Question, answer: bool) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() < MAX {
            answers.insert(question, answer);
        }
    }
}

/// The remembered answer, or the one that `ask` finds, which is remembered from then on.
pub(super) fn remembered(question: impl FnOnce() -> Question, ask: impl FnOnce() -> bool) -> bool {
    let Some(memo) = CURRENT.with_borrow(Clone::clone) else { return ask() };
    let question = question();
    memo.get(&question).unwrap_or_else(|| {
        let answer = ask();
        memo.put(question, answer);
        answer
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn ask(asked: &Cell<u32>, question: u8, answer: bool) -> bool {
        remembered(
            || [question; 32],
            || {
                asked.set(asked.get() + 1);
                answer
            },
        )
    }

    #[test]
    fn each_question_is_asked_once_in_a_memo_and_always_outside() {
        let asked = Cell::new(0);
        let memo = Memo::default();
        assert!(ask(&asked, 1, true) && ask(&asked, 1, true));
        assert_eq!(asked.replace(0), 2, "outside");
        memo.during(|| {
            assert!(ask(&asked, 1, true) && ask(&asked, 1, true));
            assert!(!ask(&asked, 2, false) && !ask(&asked, 2, false), "no is remembered as well");
            assert_eq!(asked.replace(0), 2);
            Memo::default().during(|| assert!(ask(&asked, 1, true)));
            assert_eq!(asked.replace(0), 1, "another judgement knows nothing of it");
            assert!(ask(&asked, 1, true));
            assert_eq!(asked.replace(0), 0, "and this one does again");
        });
        assert!(ask(&asked, 1, true));
        assert_eq!(asked.get(), 1, "outside again");
    }

    #[test]
    fn a_full_memo_answers_all_the_same() {
        let memo = Memo::default();
        for n in 0..MAX as u64 {
            let mut question = [0; 32];
            question.iter_mut().zip(n.to_le_bytes()).for_each(|(to, from)| *to = from);
            memo.put(question, true);
        }
        let asked = Cell::new(0);
        memo.during(|| assert!(!ask(&asked, 255, false) && !ask(&asked, 255, false)));
        assert_eq!(asked.get(), 2);
    }
}
