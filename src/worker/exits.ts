/**
 * Every way by which script in a worker can get data out of it, or onto a disk in clear, apart from `postMessage` to the page that
 * made the worker. One table: the seal shuts them, the privacy report lists them, the tests try them. What a browser doesn't have is
 * `absent`. A name that a new browser brings has to be added here: `e2e/seal.spec.ts` fails on names that nobody looked at.
 */

/** Properties of the global scope: functions and constructors. */
export const GLOBAL_EXITS = [
  // Requests.
  'fetch',
  'fetchLater',
  'XMLHttpRequest',
  'EventSource',
  'importScripts',
  'FontFace',
  // Connections.
  'WebSocket',
  'WebSocketStream',
  'WebTransport',
  'RTCPeerConnection',
  'TCPSocket',
  'TCPServerSocket',
  'UDPSocket',
  // Other contexts, which have exits of their own.
  'Worker',
  'SharedWorker',
  'BroadcastChannel',
  'Notification',
  // Storage, which other pages of the origin can read.
  'caches',
  'indexedDB',
  'cookieStore',
  'sharedStorage',
  'webkitRequestFileSystem',
  'webkitRequestFileSystemSync',
  'webkitResolveLocalFileSystemURL',
  'webkitResolveLocalFileSystemSyncURL',
] as const;

/** Properties of `navigator`. */
export const NAVIGATOR_EXITS = [
  'sendBeacon',
  'serviceWorker',
  'locks',
  'storage',
  'storageBuckets',
  'usb',
  'hid',
  'serial',
  'bluetooth',
] as const;

/** Methods, for objects that were made before the seal. */
export const METHOD_EXITS: Readonly<Record<string, readonly string[]>> = {
  XMLHttpRequest: ['open', 'send'],
  WebSocket: ['send'],
  WebTransport: ['createBidirectionalStream', 'createUnidirectionalStream'],
  RTCDataChannel: ['send'],
  RTCPeerConnection: ['createDataChannel', 'addTrack'],
  BroadcastChannel: ['postMessage'],
  ServiceWorker: ['postMessage'],
  ServiceWorkerContainer: ['register'],
  Cache: ['add', 'addAll', 'put'],
  CacheStorage: ['open', 'match', 'has', 'delete', 'keys'],
  FontFace: ['load'],
  FontFaceSet: ['load'],
  IDBFactory: ['open', 'deleteDatabase', 'databases'],
  IDBDatabase: ['transaction', 'createObjectStore'],
  IDBObjectStore: ['add', 'put'],
  IDBCursor: ['update'],
  StorageManager: ['getDirectory'],
  FileSystemDirectoryHandle: ['getFileHandle', 'getDirectoryHandle'],
  FileSystemFileHandle: ['createWritable', 'createSyncAccessHandle'],
  FileSystemHandle: ['move', 'remove'],
  FileSystemSyncAccessHandle: ['write', 'truncate'],
  FileSystemWritableFileStream: ['write', 'seek', 'truncate'],
  // A file that somebody else has a writer or a pipe on could not be cut.
  WritableStream: ['getWriter'],
  ReadableStream: ['pipeTo', 'pipeThrough'],
  StorageBucketManager: ['open'],
  LockManager: ['request'],
  USB: ['requestDevice', 'getDevices'],
  HID: ['requestDevice', 'getDevices'],
  Serial: ['requestPort', 'getPorts'],
};
