/**
 * Names in the global scope of a dedicated worker, and on its `navigator` (Chromium 156, cross-origin isolated), that somebody looked at and
 * found to be no way out by themselves: they compute, or what they do is had only through an exit that is shut. Exact names, since a
 * pattern would let a newcomer pass. A new one makes `seal.spec.ts` fail: look at it, then add it here or to `src/worker/exits.ts`.
 */
export const HARMLESS = new Set(
  `AbortController AbortSignal AggregateError Array ArrayBuffer AsyncDisposableStack Atomics AudioData AudioDecoder
  AudioEncoder BackgroundFetchManager BackgroundFetchRecord BackgroundFetchRegistration BigInt BigInt64Array BigUint64Array
  Blob Boolean ByteLengthQueuingStrategy CSSKeywordValue CSSMathClamp CSSMathInvert CSSMathMax CSSMathMin CSSMathNegate
  CSSMathProduct CSSMathSum CSSMathValue CSSNumericArray CSSNumericValue CSSSkewX CSSSkewY CSSStyleValue CSSUnitValue
  CSSUnparsedValue Cache CacheStorage CanvasGradient CanvasPattern CloseEvent CompressionStream CountQueuingStrategy
  CreateMonitor CropTarget Crypto CryptoKey CustomEvent DOMException DOMMatrix DOMMatrixReadOnly DOMPoint DOMPointReadOnly
  DOMQuad DOMRect DOMRectReadOnly DOMStringList DataView Date DecompressionStream DedicatedWorkerGlobalScope DisposableStack
  EncodedAudioChunk EncodedVideoChunk Error ErrorEvent EvalError Event EventTarget File FileList FileReader FileReaderSync
  FileSystemDirectoryHandle FileSystemFileHandle FileSystemHandle FileSystemObserver FileSystemSyncAccessHandle
  FileSystemWritableFileStream FinalizationRegistry Float16Array Float32Array Float64Array FontFaceSet FormData Function GPU
  GPUAdapter GPUAdapterInfo GPUBindGroup GPUBindGroupLayout GPUBuffer GPUBufferUsage GPUCanvasContext GPUColorWrite
  GPUCommandBuffer GPUCommandEncoder GPUCompilationInfo GPUCompilationMessage GPUComputePassEncoder GPUComputePipeline
  GPUDevice GPUDeviceLostInfo GPUError GPUExternalTexture GPUInternalError GPUMapMode GPUOutOfMemoryError GPUPipelineError
  GPUPipelineLayout GPUQuerySet GPUQueue GPURenderBundle GPURenderBundleEncoder GPURenderPassEncoder GPURenderPipeline
  GPUResourceTable GPUSampler GPUShaderModule GPUShaderStage GPUSubgroupMatrixConfig GPUSupportedFeatures GPUSupportedLimits
  GPUTexture GPUTextureUsage GPUTextureView GPUUncapturedErrorEvent GPUValidationError HID HIDConnectionEvent HIDDevice
  HIDInputReportEvent Headers IDBCursor IDBCursorWithValue IDBDatabase IDBFactory IDBIndex IDBKeyRange IDBObjectStore
  IDBOpenDBRequest IDBRecord IDBRequest IDBTransaction IDBVersionChangeEvent IdleDetector ImageBitmap
  ImageBitmapRenderingContext ImageData ImageDecoder ImageTrack ImageTrackList Infinity Int16Array Int32Array Int8Array Intl
  Iterator JSON Lock LockManager Map Math MediaCapabilities MediaSource MediaSourceHandle MessageChannel MessageEvent
  MessagePort NaN NavigationPreloadManager NavigatorUAData NetworkInformation Number Object Observable OffscreenCanvas
  OffscreenCanvasRenderingContext2D Origin PERSISTENT Path2D Performance PerformanceEntry PerformanceMark PerformanceMeasure
  PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming PerformanceServerTiming PeriodicSyncManager
  PermissionStatus Permissions PressureObserver PressureRecord ProgressEvent Promise PromiseRejectionEvent Proxy PushManager
  PushSubscription PushSubscriptionOptions QuotaExceededError RTCDataChannel RTCEncodedAudioFrame RTCEncodedVideoFrame
  RTCRtpScriptTransformer RTCTransformEvent RangeError ReadableByteStreamController ReadableStream ReadableStreamBYOBReader
  ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader ReferenceError Reflect RegExp
  ReportBody ReportingObserver Request Response RestrictionTarget Scheduler SecurityPolicyViolationEvent Serial SerialPort
  ServiceWorkerRegistration Set SharedArrayBuffer SourceBuffer SourceBufferList StorageBucket StorageBucketManager
  StorageManager String Subscriber SubtleCrypto SuppressedError Symbol SyncManager SyntaxError TEMPORARY TaskController
  TaskPriorityChangeEvent TaskSignal Temporal TextDecoder TextDecoderStream TextEncoder TextEncoderStream TextMetrics
  TransformStream TransformStreamDefaultController TrustedHTML TrustedScript TrustedScriptURL TrustedTypePolicy
  TrustedTypePolicyFactory TypeError URIError URL URLPattern URLSearchParams USB USBAlternateInterface USBConfiguration
  USBConnectionEvent USBDevice USBEndpoint USBInTransferResult USBInterface USBIsochronousInTransferPacket
  USBIsochronousInTransferResult USBIsochronousOutTransferPacket USBIsochronousOutTransferResult USBOutTransferResult
  Uint16Array Uint32Array Uint8Array Uint8ClampedArray UserActivation VideoColorSpace VideoDecoder VideoEncoder VideoFrame
  WGSLLanguageFeatures WeakMap WeakRef WeakSet WebAssembly WebGL2RenderingContext WebGLActiveInfo WebGLBuffer
  WebGLContextEvent WebGLFramebuffer WebGLObject WebGLProgram WebGLQuery WebGLRenderbuffer WebGLRenderingContext WebGLSampler
  WebGLShader WebGLShaderPrecisionFormat WebGLSync WebGLTexture WebGLTransformFeedback WebGLUniformLocation
  WebGLVertexArrayObject WebSocketError WebTransportBidirectionalStream WebTransportDatagramDuplexStream WebTransportError
  WorkerGlobalScope WorkerLocation WorkerNavigator WritableStream WritableStreamDefaultController WritableStreamDefaultWriter
  XMLHttpRequestEventTarget XMLHttpRequestUpload addEventListener atob btoa cancelAnimationFrame clearInterval clearTimeout
  close console constructor createImageBitmap crossOriginIsolated crypto decodeURI decodeURIComponent dispatchEvent encodeURI
  encodeURIComponent escape eval fonts globalThis isFinite isNaN isSecureContext location name navigator onerror
  onlanguagechange onmessage onmessageerror onrejectionhandled onrtctransform onunhandledrejection origin parseFloat parseInt
  performance postMessage queueMicrotask removeEventListener reportError requestAnimationFrame scheduler self setInterval
  setTimeout structuredClone trustedTypes undefined unescape when`.split(/\s+/),
);

export const HARMLESS_IN_NAVIGATOR = new Set(
  `appCodeName appName appVersion connection constructor deviceMemory gpu hardwareConcurrency language languages
  mediaCapabilities onLine permissions platform product userAgent userAgentData`.split(/\s+/),
);
