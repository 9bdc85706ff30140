/**
 * File handles survive a reload in IndexedDB where the browser has the File System Access API (Chromium).
 * Elsewhere, and whenever something is refused, the user picks the file again.
 */
const DATABASE = 'trunkline-uploads'
const STORE = 'handles'

interface PermissionHandle extends FileSystemFileHandle {
  queryPermission?(options: { mode: 'read' }): Promise<PermissionState>
  requestPermission?(options: { mode: 'read' }): Promise<PermissionState>
}

export async function keepHandle(uploadId: string, handle: FileSystemFileHandle): Promise<void> {
  await quietly((store) => store.put(handle, uploadId), 'readwrite')
}

export async function dropHandle(uploadId: string): Promise<void> {
  await quietly((store) => store.delete(uploadId), 'readwrite')
}

export async function findHandle(uploadId: string): Promise<FileSystemFileHandle | null> {
  const found = await quietly<unknown>((store) => store.get(uploadId), 'readonly')
  return found && typeof found === 'object' && 'getFile' in found ? (found as FileSystemFileHandle) : null
}

/** Reads the file again. Asking for permission needs a click, so `ask` is false at page load. */
export async function reopen(handle: FileSystemFileHandle, ask: boolean): Promise<File | null> {
  const permission: PermissionHandle = handle
  try {
    let state = (await permission.queryPermission?.({ mode: 'read' })) ?? 'granted'
    if (state === 'prompt' && ask) state = (await permission.requestPermission?.({ mode: 'read' })) ?? 'denied'
    return state === 'granted' ? await handle.getFile() : null
  } catch {
    return null
  }
}

/** Handles of dropped files, by file name and size. Must be called in the drop event itself. */
export function handlesOf(items: Iterable<DataTransferItem>): Promise<FileSystemFileHandle[]> {
  const asked: Promise<FileSystemHandle | null>[] = []
  for (const item of items) {
    const get = (item as { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }).getAsFileSystemHandle
    if (item.kind === 'file' && get) asked.push(get.call(item).catch(() => null))
  }
  return Promise.all(asked).then((all) =>
    all.filter((handle): handle is FileSystemFileHandle => handle?.kind === 'file'),
  )
}

async function quietly<T>(
  act: (store: IDBObjectStore) => IDBRequest<T>,
  mode: IDBTransactionMode,
): Promise<T | undefined> {
  try {
    const database = await open()
    try {
      return await asPromise(act(database.transaction(STORE, mode).objectStore(STORE)))
    } finally {
      database.close()
    }
  } catch {
    return undefined
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE)
  return asPromise(request)
}

function asPromise<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
