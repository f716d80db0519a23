import CCURL
import KerasCore

/// Why a transfer did not bring the whole file.
enum TransferFailure: Error {
  /// Worth another try, after the seconds that the server asks for.
  case broken(reason: String, retryAfter: Double?)
  /// Worth another try, but what came does not count as progress.
  case slow(reason: String)
  /// A whole answer with only a piece of the file: the next piece can be asked for at once.
  case unfinished(reason: String)
  /// The server has another version of the file by now; what was here is thrown away.
  case changed(reason: String)
  /// The address will not give the file.
  case refused(reason: String, isMissing: Bool)
  /// Nothing the address could help: a full disk, for one.
  case local(KerasError)
}

/// One request to one address, going on where the partial file ends if that is possible.
final class Transfer {
  private let url: String
  private let shownAddress: String
  private let file: RemoteFile
  private let part: PartialFile
  private let options: StoreOptions
  private let pace: Pace
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

  init(
    _ url: String, shownAs shownAddress: String, of file: RemoteFile, into part: PartialFile,
    options: StoreOptions, pace: Pace, onReceived: @escaping (Int, Int?) -> Void
  ) throws(KerasError) {
    guard libcurlIsLoaded, let handle = ccurl_init() else { throw hasNoCURL() }
    // Without a hash, only an encrypted connection tells who sent the bytes.
    let staysEncrypted = file.hash == nil && url.lowercased().hasPrefix("https:")
    guard ccurl_restrict_protocols(handle, staysEncrypted) == CURLE_OK else {
      ccurl_cleanup(handle)
      throw hasNoCURL()
    }
    (self.url, self.shownAddress, self.file) = (url, shownAddress, file)
    (self.part, self.options, self.pace) = (part, options, pace)
    (self.handle, self.onReceived) = (handle, onReceived)
  }

  deinit { ccurl_cleanup(handle) }

  private var hasHash: Bool { file.hash != nil }

  /// What the partial file's version is called at this address.
  private var validator: String? {
    part.origin?.address == shownAddress ? part.origin?.validator : nil
  }

  /// The byte at which this transfer would go on: without a hash that would tell in the end, only where the
  /// server can be asked for more of the very same version.
  var start: Int { hasHash || validator != nil ? part.byteCount : 0 }

  func run() throws(TransferFailure) {
    do {
      try perform()
    } catch .refused where response.status == 416 && resumedAt > 0 {
      // The end of the partial file is the end of the file, or lies beyond it.
      if response.rangeTotal == resumedAt { return }
      try mapLocal { () throws(KerasError) in try part.restart() }
      throw .changed(reason: "the server has fewer bytes than are here")
    }
  }

  private func perform() throws(TransferFailure) {
    resumedAt = start
    (response, hasBegun, total, failure) = (ResponseHead(), false, nil, nil)
    lastSign = monotonicNanoseconds()
    configure()
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
    if let total, part.byteCount < total {
      throw .unfinished(reason: "the server sent only \(part.byteCount) of \(total) bytes")
    }
    if response.endsWithConnection, let expected = total ?? claimedSize, part.byteCount < expected {
      throw .broken(
        reason: "the connection broke off after \(part.byteCount) of \(expected) bytes", retryAfter: nil)
    }
  }

  /// The size of the whole file by its own account, or the catalogue's.
  private var claimedSize: Int? {
    if let byteCount = file.byteCount { return byteCount }
    return file.format == .hdf5 ? HDF5Envelope(descriptor: part.descriptor).missingSize : nil
  }

  private func configure() {
    let this = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_text(handle, CURLOPT_URL, url)
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
    let now = monotonicNanoseconds()
    if hasBegun {
      onReceived(part.byteCount, total)
      if let gained = pace.shortfall(byteCount: part.byteCount, at: now), gained > 0, failure == nil {
        failure = .slow(reason: "only \(gained) bytes came in \(pace.window) s")
      }
    }
    return failure == nil && Double(now - lastSign) / 1e9 < options.stallTimeout
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
      let total = response.rangeTotal
      guard response.rangeStart == resumedAt else {
        try mapLocal { () throws(KerasError) in try part.restart() }
        throw .broken(reason: "the server sent another part of the file than asked for", retryAfter: nil)
      }
      let origin = PartialFile.Origin(
        address: shownAddress, validator: response.validator ?? validator, byteCount: total)
      if resumedAt == 0 {
        try mapLocal { () throws(KerasError) in try part.restart(from: origin) }
      } else {
        guard isSameVersion else {
          try mapLocal { () throws(KerasError) in try part.restart() }
          throw .changed(reason: "the file changed at the server while it was fetched")
        }
        part.goOn(from: origin)
      }
      self.total = total ?? announced.map { resumedAt + $0 }
    } else {
      total = announced
      let origin = PartialFile.Origin(
        address: shownAddress, validator: response.validator, byteCount: announced)
      try mapLocal { () throws(KerasError) in try part.restart(from: origin) }
    }
    pace.begin(byteCount: part.byteCount, at: lastSign)
    try mapLocal { () throws(KerasError) in try part.requireRoom(for: announced ?? 0) }
  }

  /// Whether a partial answer is of the version that is here: the same name for it and the same size. With a
  /// hash, a server may leave out the name; the hash will tell.
  private var isSameVersion: Bool {
    let isFromHere = part.origin?.address == shownAddress
    if isFromHere, let expected = part.origin?.byteCount, let found = response.rangeTotal, expected != found {
      return false
    }
    guard let validator else { return hasHash }
    return response.validator.map { $0 == validator } ?? hasHash
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
      let proxy = proxyVariable(for: url, processEnvironment)
      return .refused(
        reason: proxy.map { "the proxy that \($0) names cannot be reached, or refuses connections" }
          ?? "the host cannot be reached, or refuses connections", isMissing: false)
    case CURLE_PEER_FAILED_VERIFICATION:
      return .refused(reason: certificateProblem(ccurl_verify_result(handle)), isMissing: false)
    case CURLE_SSL_CACERT_BADFILE:
      let file = options.certificateFile.map { ": " + $0.escaped } ?? ""
      return .refused(
        reason: "the file of authorities that CURL_CA_BUNDLE or SSL_CERT_FILE names cannot be used\(file)",
        isMissing: false)
    case CURLE_SSL_CONNECT_ERROR where !hasBegun:
      return .broken(
        reason: "no encrypted connection came about (does the host speak https there?)", retryAfter: nil)
    case CURLE_UNSUPPORTED_PROTOCOL where !response.leadsElsewhere:
      return .refused(reason: "what answers there does not speak HTTP", isMissing: false)
    case CURLE_UNSUPPORTED_PROTOCOL:
      return .refused(
        reason: hasHash || !url.lowercased().hasPrefix("https:")
          ? "a redirection leads to something other than http and https"
          : "a redirection leads away from https, and no hash is published that would tell what comes",
        isMissing: false)
    case CURLE_TOO_MANY_REDIRECTS:
      return .refused(reason: "redirections go round in circles", isMissing: false)
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

/// Which variable of the environment names a proxy for an address; nil when none does. As libcurl looks for it.
func proxyVariable(for url: String, _ environment: Environment) -> String? {
  guard let end = url.firstRange(ofText: "://") else { return nil }
  let scheme = url[..<end.lowerBound].lowercased()
  let authority = url[end.upperBound...].prefix { !"/?#".contains($0) }
  let host = authority[(authority.lastIndex(of: "@").map(authority.index(after:)) ?? authority.startIndex)...]
    .prefix { $0 != ":" }.lowercased()
  let exceptions = (environment("no_proxy") ?? environment("NO_PROXY") ?? "").lowercased()
    .split { $0 == "," || $0 == " " }.map { $0.drop { $0 == "." } }
  guard !exceptions.contains(where: { $0 == "*" || host == $0 || host.hasSuffix("." + $0) }) else {
    return nil
  }
  // HTTP_PROXY in capitals may come from a request's head where programs answer requests.
  let names =
    scheme == "http"
    ? ["http_proxy", "all_proxy", "ALL_PROXY"]
    : ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
  return names.first { environment($0) != nil }
}

/// - Parameter code: One of OpenSSL's `X509_V_ERR_…`.
func certificateProblem(_ code: Int) -> String {
  switch code {
  case 9: "the host's certificate is not valid yet (or this machine's clock is wrong)"
  case 10: "the host's certificate has expired (or this machine's clock is wrong)"
  // libcurl compares the names itself, and asks OpenSSL for nothing but the rest: before it has asked, newer ones say 1.
  case 0, 1, 62: "the host's certificate is for another host"
  default: "the host's certificate is not trusted (CURL_CA_BUNDLE names a file of authorities)"
  }
}

let libcurlIsLoaded = ccurl_load()

// MARK: - Wording

func message(_ code: CURLcode) -> String {
  String(cString: ccurl_message(code)).lowercased()
}

func hasNoCURL() -> KerasError {
  KerasError(
    .libraryFailure, "libcurl.so.4 is not installed, or does not work.",
    remedy: "install it: on Debian and Ubuntu, `apt-get install libcurl4`.")
}

private func endless() -> KerasError {
  KerasError(.network, "The answer has more than 64 GB and does not end.")
}
