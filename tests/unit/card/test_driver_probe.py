"""A stock 82544 driver at the firmware's port, from probe to removal."""

from tests.unit.card.driver_replay import FirmwareSeat, replay
from tests.unit.card.stimuli import Rig, stimulus


@stimulus()
async def test_a_stock_driver_attaches_and_passes_traffic(rig: Rig) -> None:
    await replay(FirmwareSeat(rig))
