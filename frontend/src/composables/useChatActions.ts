import { ElMessageBox } from 'element-plus'
import { useI18n } from 'vue-i18n'
import { clearChat, deleteMessage, pinMessage, restoreMessage, unpinMessage } from '@/api/chat'
import { banPerson, liftBan } from '@/api/moderation'
import type { Message } from '@/lib/chat/message'
import { useToast } from './useToast'

/** What may be done with a message that is there. What it changes comes back as an event. */
export function useChatActions(id: string) {
  const { t } = useI18n()
  const toast = useToast()

  async function attempt(run: () => Promise<unknown>, done?: string): Promise<void> {
    try {
      await run()
      if (done) toast.success(done)
    } catch (error) {
      toast.error(error)
    }
  }

  /** What is a slip of the hand away from something else can be taken back for a moment. */
  async function attemptWithUndo(run: () => Promise<unknown>, done: string, undo: () => Promise<unknown>): Promise<void> {
    try {
      await run()
      toast.undo(done, () => void attempt(undo))
    } catch (error) {
      toast.error(error)
    }
  }

  async function isSure(title: string, text: string, button: string): Promise<boolean> {
    const options = { confirmButtonText: button, cancelButtonText: t('actions.cancel'), confirmButtonClass: 'el-button--danger' }
    return (await ElMessageBox.confirm(text, title, { ...options, autofocus: false }).catch(() => null)) !== null
  }

  return {
    copy: (message: Message) => attempt(() => navigator.clipboard.writeText(message.text), t('actions.copied')),
    remove: (message: Message) =>
      attemptWithUndo(() => deleteMessage(id, message.seq), t('chat.mod.deleted'), () => restoreMessage(id, message.seq)),
    pin: (message: Message) => attempt(() => pinMessage(id, message.seq)),
    unpin: () => attempt(() => unpinMessage(id)),
    silence: (message: Message, seconds: number) =>
      attemptWithUndo(
        () => banPerson(id, message.by.name, { seconds }),
        t('chat.mod.silenced', { name: message.by.display }),
        () => liftBan(id, message.by.name, true),
      ),
    async ban(message: Message): Promise<void> {
      const name = message.by.display
      if (!(await isSure(t('chat.mod.banTitle', { name }), t('chat.mod.banText'), t('chat.mod.ban')))) return
      await attempt(() => banPerson(id, message.by.name, { seconds: null }), t('chat.mod.banned', { name }))
    },
    async clear(): Promise<void> {
      if (await isSure(t('chat.mod.clearTitle'), t('chat.mod.clearText'), t('chat.mod.clear'))) await attempt(() => clearChat(id))
    },
  }
}

export type ChatActions = ReturnType<typeof useChatActions>
