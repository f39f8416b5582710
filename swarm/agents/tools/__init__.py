"""What an agent with a model can do."""

from swarm.agents.tools.ending import ENDING
from swarm.agents.tools.files import FILES
from swarm.agents.tools.looking import LOOKING
from swarm.agents.tools.running import RUNNING
from swarm.agents.tools.sharing import SHARING
from swarm.agents.tools.tool import Toolbox

TOOLBOX = Toolbox((*RUNNING, *FILES, *LOOKING, *SHARING, *ENDING))
