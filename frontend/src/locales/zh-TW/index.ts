import account from './account'
import channel from './channel'
import chat from './chat'
import common from './common'
import library from './library'
import lives from './lives'
import player from './player'
import profile from './profile'
import studio from './studio'
import upload from './upload'
import video from './video'
import watch from './watch'

export default { ...common, account, channel, chat, library, lives, player, profile, studio, upload, video, watch }
