// Compares the declarations of CPJRT with the header that a plugin brings:
//
//   cc -I FOLDER_OF_pjrt_c_api.h -I Sources/System/CPJRT/include Tests/PJRT/layout.c -o layout && ./layout
#include <stdio.h>

#include "CPJRT.h"
#include "pjrt_c_api.h"

static int differences;

static void compare(const char *what, size_t ours, size_t theirs) {
  if (ours == theirs) return;
  printf("%s: %zu here, %zu in the header\n", what, ours, theirs);
  differences++;
}

#define FUNCTION(SLOT, NAME) \
  compare(#SLOT, offsetof(pjrt_api, functions) + sizeof(pjrt_function) * SLOT, offsetof(PJRT_Api, NAME))
#define FIELD(OURS, FIELD_HERE, THEIRS, FIELD_THERE) \
  compare(#OURS "." #FIELD_HERE, offsetof(OURS, FIELD_HERE), offsetof(THEIRS, FIELD_THERE))
#define TYPE(OURS, THEIRS) compare(#OURS, OURS, THEIRS)

int main(void) {
  FUNCTION(pjrt_error_destroy, PJRT_Error_Destroy);
  FUNCTION(pjrt_error_message, PJRT_Error_Message);
  FUNCTION(pjrt_error_code, PJRT_Error_GetCode);
  FUNCTION(pjrt_plugin_initialize, PJRT_Plugin_Initialize);
  FUNCTION(pjrt_event_destroy, PJRT_Event_Destroy);
  FUNCTION(pjrt_event_await, PJRT_Event_Await);
  FUNCTION(pjrt_event_on_ready, PJRT_Event_OnReady);
  FUNCTION(pjrt_client_create, PJRT_Client_Create);
  FUNCTION(pjrt_client_destroy, PJRT_Client_Destroy);
  FUNCTION(pjrt_client_platform_name, PJRT_Client_PlatformName);
  FUNCTION(pjrt_client_platform_version, PJRT_Client_PlatformVersion);
  FUNCTION(pjrt_client_devices, PJRT_Client_Devices);
  FUNCTION(pjrt_client_addressable_devices, PJRT_Client_AddressableDevices);
  FUNCTION(pjrt_client_compile, PJRT_Client_Compile);
  FUNCTION(pjrt_client_buffer_from_host, PJRT_Client_BufferFromHostBuffer);
  FUNCTION(pjrt_device_description_id, PJRT_DeviceDescription_Id);
  FUNCTION(pjrt_device_description_process, PJRT_DeviceDescription_ProcessIndex);
  FUNCTION(pjrt_device_description_kind, PJRT_DeviceDescription_Kind);
  FUNCTION(pjrt_device_get_description, PJRT_Device_GetDescription);
  FUNCTION(pjrt_device_memory_stats, PJRT_Device_MemoryStats);
  FUNCTION(pjrt_executable_destroy, PJRT_Executable_Destroy);
  FUNCTION(pjrt_executable_serialize, PJRT_Executable_Serialize);
  FUNCTION(pjrt_loaded_executable_destroy, PJRT_LoadedExecutable_Destroy);
  FUNCTION(pjrt_loaded_executable_get_executable, PJRT_LoadedExecutable_GetExecutable);
  FUNCTION(pjrt_loaded_executable_execute, PJRT_LoadedExecutable_Execute);
  FUNCTION(pjrt_executable_deserialize_and_load, PJRT_Executable_DeserializeAndLoad);
  FUNCTION(pjrt_buffer_destroy, PJRT_Buffer_Destroy);
  FUNCTION(pjrt_buffer_is_deleted, PJRT_Buffer_IsDeleted);
  FUNCTION(pjrt_buffer_to_host, PJRT_Buffer_ToHostBuffer);
  FUNCTION(pjrt_buffer_ready_event, PJRT_Buffer_ReadyEvent);
  FUNCTION(pjrt_topology_create, PJRT_TopologyDescription_Create);
  FUNCTION(pjrt_topology_destroy, PJRT_TopologyDescription_Destroy);
  FUNCTION(pjrt_compile, PJRT_Compile);
  FUNCTION(pjrt_executable_compiled_memory, PJRT_Executable_GetCompiledMemoryStats);

  FIELD(pjrt_object_args, object, PJRT_Buffer_Destroy_Args, buffer);
  FIELD(pjrt_object_args, object, PJRT_Event_Await_Args, event);
  FIELD(pjrt_on_ready_args, event, PJRT_Event_OnReady_Args, event);
  FIELD(pjrt_on_ready_args, callback, PJRT_Event_OnReady_Args, callback);
  FIELD(pjrt_on_ready_args, context, PJRT_Event_OnReady_Args, user_arg);
  FIELD(pjrt_error_message_args, count, PJRT_Error_Message_Args, message_size);
  FIELD(pjrt_error_code_args, code, PJRT_Error_GetCode_Args, code);
  FIELD(pjrt_get_value_args, key, PJRT_KeyValueGetCallback_Args, key);
  FIELD(pjrt_get_value_args, key_count, PJRT_KeyValueGetCallback_Args, key_size);
  FIELD(pjrt_get_value_args, milliseconds, PJRT_KeyValueGetCallback_Args, timeout_in_ms);
  FIELD(pjrt_get_value_args, fail, PJRT_KeyValueGetCallback_Args, callback_error);
  FIELD(pjrt_get_value_args, user, PJRT_KeyValueGetCallback_Args, user_arg);
  FIELD(pjrt_get_value_args, value, PJRT_KeyValueGetCallback_Args, value);
  FIELD(pjrt_get_value_args, value_count, PJRT_KeyValueGetCallback_Args, value_size);
  FIELD(pjrt_get_value_args, free_value, PJRT_KeyValueGetCallback_Args, value_deleter_callback);
  FIELD(pjrt_try_get_value_args, key, PJRT_KeyValueTryGetCallback_Args, key);
  FIELD(pjrt_try_get_value_args, key_count, PJRT_KeyValueTryGetCallback_Args, key_size);
  FIELD(pjrt_try_get_value_args, fail, PJRT_KeyValueTryGetCallback_Args, callback_error);
  FIELD(pjrt_try_get_value_args, user, PJRT_KeyValueTryGetCallback_Args, user_arg);
  FIELD(pjrt_try_get_value_args, value, PJRT_KeyValueTryGetCallback_Args, value);
  FIELD(pjrt_try_get_value_args, value_count, PJRT_KeyValueTryGetCallback_Args, value_size);
  FIELD(pjrt_try_get_value_args, free_value, PJRT_KeyValueTryGetCallback_Args, value_deleter_callback);
  FIELD(pjrt_put_value_args, key, PJRT_KeyValuePutCallback_Args, key);
  FIELD(pjrt_put_value_args, key_count, PJRT_KeyValuePutCallback_Args, key_size);
  FIELD(pjrt_put_value_args, fail, PJRT_KeyValuePutCallback_Args, callback_error);
  FIELD(pjrt_put_value_args, user, PJRT_KeyValuePutCallback_Args, user_arg);
  FIELD(pjrt_put_value_args, value, PJRT_KeyValuePutCallback_Args, value);
  FIELD(pjrt_put_value_args, value_count, PJRT_KeyValuePutCallback_Args, value_size);
  FIELD(pjrt_number_args, result, PJRT_DeviceDescription_Id_Args, id);
  FIELD(pjrt_number_args, result, PJRT_DeviceDescription_ProcessIndex_Args, process_index);
  FIELD(pjrt_named_value, type, PJRT_NamedValue, type);
  FIELD(pjrt_named_value, count, PJRT_NamedValue, value_size);
  FIELD(pjrt_client_create_args, client, PJRT_Client_Create_Args, client);
  FIELD(pjrt_client_create_args, try_get_user, PJRT_Client_Create_Args, kv_try_get_user_arg);
  FIELD(pjrt_text_args, count, PJRT_Client_PlatformName_Args, platform_name_size);
  FIELD(pjrt_text_args, count, PJRT_Client_PlatformVersion_Args, platform_version_size);
  FIELD(pjrt_text_args, count, PJRT_DeviceDescription_Kind_Args, device_kind_size);
  FIELD(pjrt_devices_args, count, PJRT_Client_AddressableDevices_Args, num_addressable_devices);
  FIELD(pjrt_get_args, result, PJRT_Device_GetDescription_Args, device_description);
  FIELD(pjrt_get_args, result, PJRT_LoadedExecutable_GetExecutable_Args, executable);
  FIELD(pjrt_get_args, result, PJRT_Buffer_ReadyEvent_Args, event);
  FIELD(pjrt_program, format_count, PJRT_Program, format_size);
  FIELD(pjrt_client_compile_args, executable, PJRT_Client_Compile_Args, executable);
  FIELD(pjrt_compile_args, executable, PJRT_Compile_Args, executable);
  FIELD(pjrt_topology_create_args, topology, PJRT_TopologyDescription_Create_Args, topology);
  FIELD(pjrt_buffer_from_host_args, semantics, PJRT_Client_BufferFromHostBuffer_Args, host_buffer_semantics);
  FIELD(pjrt_buffer_from_host_args, buffer, PJRT_Client_BufferFromHostBuffer_Args, buffer);
  FIELD(pjrt_layout, tiled.rank, PJRT_Buffer_MemoryLayout, tiled.minor_to_major_size);
  FIELD(pjrt_layout, tiled.tile_count, PJRT_Buffer_MemoryLayout, tiled.num_tiles);
  FIELD(pjrt_layout, type, PJRT_Buffer_MemoryLayout, type);
  FIELD(pjrt_buffer_to_host_args, layout, PJRT_Buffer_ToHostBuffer_Args, host_layout);
  FIELD(pjrt_buffer_to_host_args, event, PJRT_Buffer_ToHostBuffer_Args, event);
  FIELD(pjrt_is_deleted_args, is_deleted, PJRT_Buffer_IsDeleted_Args, is_deleted);
  FIELD(pjrt_memory_stats_args, limit, PJRT_Device_MemoryStats_Args, bytes_limit);
  FIELD(pjrt_memory_stats_args, peak_pool.is_set, PJRT_Device_MemoryStats_Args, peak_pool_bytes_is_set);
  FIELD(pjrt_execute_options, kept, PJRT_ExecuteOptions, non_donatable_input_indices);
  FIELD(pjrt_execute_options, incarnations, PJRT_ExecuteOptions, incarnation_ids);
  FIELD(pjrt_execute_args, outputs, PJRT_LoadedExecutable_Execute_Args, output_lists);
  FIELD(pjrt_execute_args, device, PJRT_LoadedExecutable_Execute_Args, execute_device);
  FIELD(pjrt_serialize_args, free_holder, PJRT_Executable_Serialize_Args, serialized_executable_deleter);
  FIELD(pjrt_deserialize_args, option_count, PJRT_Executable_DeserializeAndLoad_Args,
        overridden_serialized_compile_options_size);
  FIELD(pjrt_compiled_memory_args, peak, PJRT_Executable_GetCompiledMemoryStats_Args, peak_memory_in_bytes);

  TYPE(pjrt_type_bool, PJRT_Buffer_Type_PRED);
  TYPE(pjrt_type_int64, PJRT_Buffer_Type_S64);
  TYPE(pjrt_type_uint8, PJRT_Buffer_Type_U8);
  TYPE(pjrt_type_float16, PJRT_Buffer_Type_F16);
  TYPE(pjrt_type_float64, PJRT_Buffer_Type_F64);
  TYPE(pjrt_type_bfloat16, PJRT_Buffer_Type_BF16);

  printf("PJRT %d.%d: %d differences\n", PJRT_API_MAJOR, PJRT_API_MINOR, differences);
  return differences != 0;
}
