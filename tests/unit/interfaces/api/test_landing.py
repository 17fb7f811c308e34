"""Futures of a writer thread reach the loop: all of them, with results and failures."""

import asyncio
import threading
from concurrent.futures import Future

import pytest

from quanyu.interfaces.api.landing import Landing


def test_results_and_failures_arrive() -> None:
    async def main() -> list[object]:
        landing = Landing()
        futures: list[Future[int]] = [Future() for _ in range(500)]

        def write() -> None:
            for number, future in enumerate(futures):
                if number % 7:
                    future.set_result(number)
                else:
                    future.set_exception(ValueError(number))

        thread = threading.Thread(target=write)
        thread.start()
        found = await asyncio.gather(*map(landing.of, futures), return_exceptions=True)
        thread.join()
        return list(found)

    found = asyncio.run(main())
    assert [one for one in found if isinstance(one, int)] == [n for n in range(500) if n % 7]
    assert sum(isinstance(one, ValueError) for one in found) == len(range(0, 500, 7))


def test_one_that_is_done_needs_no_wait() -> None:
    async def main() -> int:
        future: Future[int] = Future()
        future.set_result(7)
        return await Landing().of(future)

    assert asyncio.run(main()) == 7


def test_a_caller_that_leaves_harms_nobody() -> None:
    async def main() -> int:
        landing = Landing()
        left, stays = Future[int](), Future[int]()
        task = asyncio.create_task(landing.of(left))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        left.set_result(1)
        threading.Timer(0.01, stays.set_result, [2]).start()
        return await landing.of(stays)

    assert asyncio.run(main()) == 2
