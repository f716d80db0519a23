import CCURL
import KerasCore

/// Why a transfer did not bring the whole file.
enum TransferFailure: Error {
  /// Worth another try, after the seconds that the server asks for.
  case broken(reason: String, retryAfter: Double?)
  /// The address will not give the file.
  case refused(reason: String, isMissing: Bool)
  /// Nothing the address could help: a full disk, for one.
  case local(KerasError)
}

/// One request to one address, going on where the partial file ends if that is possible.
final class Transfer {
  private let address: Address
  private let part: PartialFile
  private let hasHash: Bool
  private let options: StoreOptions
  private let onReceived: (_ byteCount: Int, _ total: Int?) -> Void

  private let handle: UnsafeMutableRawPointer
  private var response = ResponseHead()
  private var resumedAt = 0
  private var hasBegun = false
  private var total: Int?
  /// When something last came.
  private var lastSign = 0
  /// What made `receive` stop.
  private var failure: TransferFailure?

  /// No published file comes near this; an endless answer ends here.
  private static let largestFile = 1 << 36
  private static let isLoaded = ccurl_load()

  init(
    _ address: Address, into part: PartialFile, hasHash: Bool, options: StoreOptions,
    onReceived: @escaping (Int, Int?) -> Void
  ) throws(KerasError) {
    guard Self.isLoaded, let handle = ccurl_init() else { throw hasNoCURL() }
    guard ccurl_restrict_protocols(handle) == CURLE_OK else {
      ccurl_cleanup(handle)
      throw hasNoCURL()
    }
    (self.address, self.part, self.hasHash, self.options) = (address, part, hasHash, options)
    (self.handle, self.onReceived) = (handle, onReceived)
  }

  deinit { ccurl_cleanup(handle) }

  /// The byte at which this transfer would go on.
  var start: Int {
    let isSameFile = hasHash || part.origin?.url == address.url
    return isSameFile && !address.isLocal ? part.byteCount : 0
  }

  func run() throws(TransferFailure) {
    do {
      try perform()
    } catch .refused where response.status == 416 && resumedAt > 0 {
      // The end of the partial file is the end of the file, or lies beyond it.
      if response.rangeTotal == resumedAt { return }
      try mapLocal { () throws(KerasError) in try part.restart() }
      try perform()
    }
  }

  private func perform() throws(TransferFailure) {
    resumedAt = start
    (response, hasBegun, total, failure) = (ResponseHead(), false, nil, nil)
    lastSign = monotonicNanoseconds()
    configure()
    let validator = part.origin?.url == address.url ? part.origin?.validator : nil
    var headers: UnsafeMutablePointer<curl_slist>?
    if resumedAt > 0 {
      ccurl_set_text(handle, CURLOPT_RANGE, "\(resumedAt)-")
      if let validator { headers = ccurl_header("If-Range: \(validator)") }
    } else {
      ccurl_set_text(handle, CURLOPT_RANGE, nil)
    }
    ccurl_set_headers(handle, headers)
    let code = ccurl_perform(handle)
    ccurl_free_headers(headers)
    response.status = ccurl_response_code(handle)
    try judge(code)
  }

  private func judge(_ code: CURLcode) throws(TransferFailure) {
    if let failure { throw failure }
    // A redirection that leads nowhere has its reason in the code.
    let isLost = (300..<400).contains(response.status) && code != CURLE_OK
    if !isLost, let refusal = response.refusal(retryAfter: ccurl_retry_after(handle)) { throw refusal }
    guard code == CURLE_OK else { throw connectionFailure(code) }
    // An answer without a body never reached `receive`.
    try begin()
  }

  private func configure() {
    let this = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_text(handle, CURLOPT_URL, address.url)
    ccurl_set_text(handle, CURLOPT_USERAGENT, "keras-swift")
    ccurl_set_text(handle, CURLOPT_CAINFO, options.certificateFile)
    for (option, value) in [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, 10),
      (CURLOPT_CONNECTTIMEOUT, options.connectTimeout), (CURLOPT_TCP_KEEPALIVE, 1),
      (CURLOPT_BUFFERSIZE, 1 << 18), (CURLOPT_NOPROGRESS, 0),
    ] {
      ccurl_set_long(handle, option, value)
    }
    ccurl_set_pointer(handle, CURLOPT_WRITEDATA, this)
    ccurl_set_receiver(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, this in
      let bytes = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return Transfer.from(this)?.receive(bytes) == true ? bytes.count : 0
    }
    ccurl_set_pointer(handle, CURLOPT_HEADERDATA, this)
    ccurl_set_receiver(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, this in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      Transfer.from(this)?.response.take(String(decoding: line, as: UTF8.self))
      return line.count
    }
    ccurl_set_pointer(handle, CURLOPT_XFERINFODATA, this)
    ccurl_set_progress(handle) { this, _, _, _, _ in
      Transfer.from(this)?.watch() == true ? 0 : 1
    }
  }

  private static func from(_ pointer: UnsafeMutableRawPointer?) -> Transfer? {
    pointer.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}

// MARK: - Receiving

extension Transfer {
  /// Called some times a second, bytes or not. Whether to go on: libcurl's own limit of speed takes
  /// several seconds to notice that nothing comes.
  private func watch() -> Bool {
    if hasBegun { onReceived(part.byteCount, total) }
    return Double(monotonicNanoseconds() - lastSign) / 1e9 < options.stallTimeout
  }

  /// Whether to go on.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    response.status = ccurl_response_code(handle)
    lastSign = monotonicNanoseconds()
    // The body of a refusal is a page for people.
    guard response.refusal(retryAfter: 0) == nil else { return false }
    do throws(TransferFailure) {
      try begin()
      try mapLocal { () throws(KerasError) in
        guard part.byteCount + bytes.count <= Self.largestFile else { throw endless() }
        try part.append(bytes)
      }
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// Decides, once the answer's head is here, whether it goes on with the partial file or is the whole.
  private func begin() throws(TransferFailure) {
    guard !hasBegun else { return }
    hasBegun = true
    let length = Int(ccurl_content_length(handle))
    let announced = length >= 0 ? length : nil
    if response.status == 206 {
      guard response.rangeStart == resumedAt, isSameFile else {
        try mapLocal { () throws(KerasError) in try part.restart() }
        throw .broken(reason: "the server sent another part of the file than asked for", retryAfter: nil)
      }
      total = announced.map { resumedAt + $0 }
    } else {
      total = announced
      let origin = PartialFile.Origin(
        url: address.url, validator: response.validator, byteCount: announced)
      try mapLocal { () throws(KerasError) in try part.restart(from: origin) }
    }
    try mapLocal { () throws(KerasError) in try part.requireRoom(for: announced ?? 0) }
  }

  /// A hash will tell; without one, the size must at least be the one it was.
  private var isSameFile: Bool {
    guard !hasHash, let expected = part.origin?.byteCount, let found = response.rangeTotal else {
      return true
    }
    return expected == found
  }

  private func mapLocal(_ body: () throws(KerasError) -> Void) throws(TransferFailure) {
    do { try body() } catch { throw .local(error) }
  }

  private func connectionFailure(_ code: CURLcode) -> TransferFailure {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST:
      return .refused(reason: "the host's name is not known here (is there a network?)", isMissing: false)
    case CURLE_COULDNT_RESOLVE_PROXY:
      return .refused(reason: "the proxy's name is not known here", isMissing: false)
    case CURLE_COULDNT_CONNECT:
      return .refused(reason: "the host cannot be reached, or refuses connections", isMissing: false)
    case CURLE_PEER_FAILED_VERIFICATION:
      return .refused(
        reason: "the host's certificate is not trusted (CURL_CA_BUNDLE names a file of authorities)",
        isMissing: false)
    case CURLE_UNSUPPORTED_PROTOCOL:
      return .refused(reason: "a redirection leads to something other than http and https", isMissing: false)
    case CURLE_TOO_MANY_REDIRECTS:
      return .refused(reason: "redirections go round in circles", isMissing: false)
    case CURLE_FILE_COULDNT_READ_FILE:
      return .refused(reason: "there is no such file, or it cannot be read", isMissing: true)
    case CURLE_ABORTED_BY_CALLBACK:
      return .broken(reason: "nothing came for \(options.stallTimeout) s", retryAfter: nil)
    case CURLE_OPERATION_TIMEDOUT:
      return .broken(reason: "the host did not answer in time", retryAfter: nil)
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2,
      CURLE_HTTP2_STREAM, CURLE_HTTP3, CURLE_SSL_CONNECT_ERROR, CURLE_WEIRD_SERVER_REPLY:
      let whole = total.map { " of \($0)" } ?? ""
      return .broken(
        reason: hasBegun
          ? "the connection broke off after \(part.byteCount)\(whole) bytes"
          : "the connection broke off (\(message(code)))", retryAfter: nil)
    default:
      return .refused(reason: message(code), isMissing: false)
    }
  }
}

// MARK: - Wording

private func message(_ code: CURLcode) -> String {
  String(cString: ccurl_message(code)).lowercased()
}

private func hasNoCURL() -> KerasError {
  KerasError(
    .libraryFailure, "libcurl.so.4 is not installed, or does not work.",
    remedy: "install it: on Debian and Ubuntu, `apt-get install libcurl4`.")
}

private func endless() -> KerasError {
  KerasError(.network, "The answer has more than 64 GB and does not end.")
}
