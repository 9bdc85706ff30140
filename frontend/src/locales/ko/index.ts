import account from './account'
import common from './common'
import library from './library'
import profile from './profile'
import studio from './studio'
import video from './video'

export default { ...common, account, library, profile, studio, video }
