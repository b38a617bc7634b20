//! How well the demo articles are found: by questions in other words, and by tokens that must fit exactly.

use oxdesk::ai::Ai;
use oxdesk::testing::{Retrieval, desk_with_model, person, retrieval, retrieval_sets, run_jobs};
use oxdesk::{Actor, seed::articles};

#[tokio::test]
async fn both_together_find_what_either_finds() {
    let desk = desk_with_model().await;
    let ana: Actor = person(&desk, "ana", "AGENT").await;
    articles::write(&desk, &ana).await.unwrap();
    run_jobs(&desk).await;
    let mut by_words = desk.clone();
    by_words.ai = Ai::none();
    let mut sums = [Retrieval::default(); 3];
    for (name, asked) in ["in other words", "exactly"].into_iter().zip(retrieval_sets()) {
        let both = retrieval(&desk, &ana, &asked, true).await;
        let meaning = retrieval(&desk, &ana, &asked, false).await;
        let words = retrieval(&by_words, &ana, &asked, true).await;
        println!("{name}: both {both:?}, meaning {meaning:?}, words {words:?}");
        assert!(meaning.mrr > 0.2 && words.mrr > 0.2, "{name}: each finds something alone");
        assert!(both.first >= meaning.first.max(words.first), "{name}");
        assert!(both.mrr >= meaning.mrr.max(words.mrr) - 0.005, "{name}");
        for (sum, one) in sums.iter_mut().zip([both, meaning, words]) {
            sum.first += one.first;
            sum.mrr += one.mrr;
        }
    }
    assert!(sums[0].first > sums[1].first.max(sums[2].first) && sums[0].mrr > sums[1].mrr.max(sums[2].mrr), "{sums:?}");
}
