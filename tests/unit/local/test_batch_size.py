from dbt_ai.local.batch_size import BatchSize


def spend(budget, batches, rate):
    """Full batches at rate(tokens) tokens a second."""
    for _ in range(batches):
        budget.succeeded(budget.tokens, budget.tokens / rate(budget.tokens))


def test_batches_grow_while_larger_ones_are_faster():
    budget = BatchSize(1000, 64_000)
    spend(budget, 100, rate=lambda tokens: min(tokens, 8000))
    assert budget.tokens == 8000


def test_batches_stop_at_the_ceiling():
    budget = BatchSize(1000, 4000)
    spend(budget, 100, rate=lambda tokens: tokens)
    assert budget.tokens == 4000


def test_memory_that_ran_out_halves_and_is_tried_again_later():
    budget = BatchSize(8000)
    budget.exceeded(8000)
    assert budget.tokens == 4000
    spend(budget, 15, rate=lambda tokens: tokens)
    assert budget.tokens == 4000
    spend(budget, 60, rate=lambda tokens: tokens)
    assert 4000 < budget.tokens <= 6000
