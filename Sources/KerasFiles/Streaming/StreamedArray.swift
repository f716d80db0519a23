import KerasCore

/// An array that is too large to be held: what it is, and how its parts are had, one after the other.
package struct StreamedArray {
  package typealias Sink = (UnsafeRawBufferPointer) throws(KerasError) -> Void
  package typealias TextSink = (String) throws(KerasError) -> Void

  package enum Contents {
    /// Elements in order, as they lie in memory.
    case numbers(DataType, (Sink) throws(KerasError) -> Void)
    /// Texts in order, and the most scalars and bytes of UTF-8 that one has.
    case texts(scalars: Int, bytes: Int, (TextSink) throws(KerasError) -> Void)
  }

  package let name: String
  package let shape: [Int]
  package let contents: Contents

  package init(_ name: String, shape: [Int], _ contents: Contents) {
    (self.name, self.shape, self.contents) = (name, shape, contents)
  }

  /// One text.
  package init(_ name: String, _ text: String) {
    self.init(
      name, shape: [],
      .texts(scalars: text.unicodeScalars.count, bytes: text.utf8.count) { (sink) throws(KerasError) in
        try sink(text)
      })
  }

  /// Texts in UTF-8, each filled up with zeros to `width` bytes.
  func writePaddedTexts(width: Int, to sink: Sink) throws(KerasError) {
    guard case .texts(_, _, let each) = contents else { return }
    try each { (text) throws(KerasError) in
      let bytes = Array(text.utf8.prefix(width))
      try hand(bytes + [UInt8](repeating: 0, count: width - bytes.count), to: sink)
    }
  }
}

/// `withUnsafeBytes` hands on typed errors only from Swift 6.4 on.
func hand(_ bytes: [UInt8], to sink: StreamedArray.Sink) throws(KerasError) {
  var failure: KerasError?
  bytes.withUnsafeBytes { bytes in
    do throws(KerasError) { try sink(bytes) } catch { failure = error }
  }
  if let failure { throw failure }
}
