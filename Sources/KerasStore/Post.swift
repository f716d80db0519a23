import CCURL
import KerasCore

/// Sends something to an address by HTTP; of the answer only the status matters.
///
/// - Parameters:
///   - headers: lines such as `Content-Type: text/plain`.
///   - timeout: seconds for everything.
/// - Returns: the status, such as 200.
/// - Throws: `network` where nobody answers in time; `libraryFailure` without libcurl; `invalidArgument` for a header of
///   several lines.
package func post(
  _ body: [UInt8], to address: String, headers: [String], timeout: Int
) throws(KerasError) -> Int {
  if let wrong = headers.first(where: { $0.utf8.contains { $0 < 32 } }) {
    throw KerasError(.invalidArgument, "A header of a request is one line, found \(wrong.escaped).")
  }
  guard libcurlIsLoaded, let handle = ccurl_init() else { throw hasNoCURL() }
  defer { ccurl_cleanup(handle) }
  guard ccurl_restrict_protocols(handle, address.lowercased().hasPrefix("https:")) == CURLE_OK else {
    throw hasNoCURL()
  }
  ccurl_set_text(handle, CURLOPT_URL, address)
  ccurl_set_text(handle, CURLOPT_USERAGENT, "keras-swift")
  ccurl_set_text(handle, CURLOPT_CAINFO, StoreOptions(environment: processEnvironment).certificateFile)
  for (option, value) in [
    (CURLOPT_NOSIGNAL, 1), (CURLOPT_POST, 1), (CURLOPT_POSTFIELDSIZE, body.count),
    (CURLOPT_CONNECTTIMEOUT, timeout),
    (CURLOPT_TIMEOUT, timeout),
  ] {
    ccurl_set_long(handle, option, value)
  }
  ccurl_set_receiver(handle, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
  var list: UnsafeMutablePointer<curl_slist>?
  for header in headers { list = ccurl_added(header, list) }
  defer { ccurl_free_headers(list) }
  ccurl_set_headers(handle, list)
  let code = body.withUnsafeBufferPointer { bytes in
    ccurl_set_pointer(handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    return ccurl_perform(handle)
  }
  guard code == CURLE_OK else {
    throw KerasError(.network, "\(withoutSecrets(address).escaped) was not reached: \(message(code)).")
  }
  return ccurl_response_code(handle)
}
