import common from './common'
import video from './video'

export default { ...common, video }
