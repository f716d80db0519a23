import CPJRT
import Glibc
import KerasGraph

/// The store as a plugin reaches it: three functions and what they work on.
enum NodeCallbacks {
  /// Hands the store to a client that is made; it stays for as long as the process.
  static func install(_ store: NodeStore, in arguments: inout pjrt_client_create_args) {
    let user = Unmanaged.passRetained(store).toOpaque()
    (arguments.get_user, arguments.put_user, arguments.try_get_user) = (user, user, user)
    arguments.put = { arguments in
      guard let arguments, let store = NodeCallbacks.store(arguments.pointee.user) else { return nil }
      let key = NodeCallbacks.bytes(arguments.pointee.key, arguments.pointee.key_count)
      let value = NodeCallbacks.bytes(arguments.pointee.value, arguments.pointee.value_count)
      do throws(StoreFault) {
        try store.put(key, value)
        return nil
      } catch { return NodeCallbacks.report(error, arguments.pointee.fail) }
    }
    arguments.get = { arguments in
      guard let arguments, let store = NodeCallbacks.store(arguments.pointee.user) else { return nil }
      let key = NodeCallbacks.bytes(arguments.pointee.key, arguments.pointee.key_count)
      do throws(StoreFault) {
        let value = try store.get(key, within: .milliseconds(Int64(arguments.pointee.milliseconds)))
        (arguments.pointee.value, arguments.pointee.value_count) = NodeCallbacks.copy(value)
        arguments.pointee.free_value = { free($0) }
        return nil
      } catch { return NodeCallbacks.report(error, arguments.pointee.fail) }
    }
    arguments.try_get = { arguments in
      guard let arguments, let store = NodeCallbacks.store(arguments.pointee.user) else { return nil }
      let key = NodeCallbacks.bytes(arguments.pointee.key, arguments.pointee.key_count)
      do throws(StoreFault) {
        (arguments.pointee.value, arguments.pointee.value_count) = NodeCallbacks.copy(try store.tryGet(key))
        arguments.pointee.free_value = { free($0) }
        return nil
      } catch { return NodeCallbacks.report(error, arguments.pointee.fail) }
    }
  }

  private static func store(_ user: UnsafeMutableRawPointer?) -> NodeStore? {
    user.map { Unmanaged<NodeStore>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func bytes(_ start: UnsafePointer<CChar>?, _ count: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  /// Bytes that C gives back.
  private static func copy(_ bytes: [UInt8]) -> (UnsafeMutablePointer<CChar>?, Int) {
    guard let memory = malloc(max(bytes.count, 1)) else { return (nil, 0) }
    UnsafeMutableRawBufferPointer(start: memory, count: bytes.count).copyBytes(from: bytes)
    return (memory.assumingMemoryBound(to: CChar.self), bytes.count)
  }

  /// The plugin's own error, of a code (gRPC's) and a sentence.
  private static func report(_ fault: StoreFault, _ fail: UnsafePointer<pjrt_fail?>?)
    -> UnsafeMutableRawPointer?
  {
    let (code, text): (Int32, String) =
      switch fault {
      case .notFound: (5, "no node has said this yet")
      case .late: (4, "no node said it in time")
      case .full: (8, "it is more than the nodes' store holds")
      case .lost: (14, "the first node is gone")
      }
    var message = Array(text.utf8).map(CChar.init(bitPattern:))
    return fail?.pointee?(code, &message, message.count)
  }
}
