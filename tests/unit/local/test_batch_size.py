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


def test_batches_are_as_large_as_before_once_there_is_memory_again():
    budget = BatchSize(16_384, 131_072)
    spend(budget, 40, rate=lambda tokens: tokens)
    for tokens in (131_072, 8_192, 256, 2):  # somebody else takes it all
        budget.exceeded(tokens)
    assert budget.tokens == 1
    spend(budget, 3000, rate=lambda tokens: tokens)
    assert budget.tokens == 131_072


def test_where_memory_stays_short_few_batches_are_tried_in_vain():
    budget = BatchSize(8000)
    failed = 0
    for _ in range(2000):
        if budget.tokens > 5000:
            budget.exceeded(budget.tokens)
            failed += 1
        else:
            spend(budget, 1, rate=lambda tokens: tokens)
    assert failed <= 2000 / 32
